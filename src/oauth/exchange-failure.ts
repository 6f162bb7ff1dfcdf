import type { RefreshErrorRule } from '../providers/provider';
import { classifyRefresh } from './refresh';
import { isErrorCode } from '../providers/error-code';
import type { RefreshObservation } from './read-answer';

/** Why there are no tokens after a person came back. Codes are the provider's, or Holdfast's own. */
export type ExchangeFailure =
  /** The person said no, or the provider wants something from them first. */
  | { kind: 'denied'; code: string }
  /** The callback or its code is no good (forged, used, too old): starting again helps. */
  | { kind: 'invalid'; code: string }
  /** Passes by itself. */
  | { kind: 'unavailable'; code: string; retryAfterMs?: number }
  /** The application's own fault, by the token endpoint's word: nothing that the person does helps. */
  | { kind: 'app_fault'; code: string }
  /** As much, but anyone with a browser could have brought it about: no reason to alert anybody. */
  | { kind: 'app_refused'; code: string };

const passing = ['server_error', 'temporarily_unavailable'];
const ourFault = [
  'invalid_request',
  'invalid_client',
  'unauthorized_client',
  'unsupported_response_type',
  'invalid_scope',
  'invalid_target',
];

/** An error that came back with the browser (RFC 6749 section 4.1.2.1, OpenID Connect 3.1.2.6). */
export function classifyDenial(error: string): ExchangeFailure {
  const code = isErrorCode(error) ? error : 'unreadable';
  if (passing.includes(code)) return { kind: 'unavailable', code };
  if (ourFault.includes(code)) return { kind: 'app_refused', code };
  return { kind: 'denied', code };
}

/** A token endpoint's refusal of a code: the rules and the table of refreshes, read for a code. */
export function classifyExchange(
  observation: RefreshObservation,
  rules: readonly RefreshErrorRule[],
): ExchangeFailure {
  const outcome = classifyRefresh(observation, rules, false);
  switch (outcome.kind) {
    case 'dead': {
      const error = observation.kind === 'answered' ? observation.error : undefined;
      return { kind: 'invalid', code: error ?? outcome.code };
    }
    case 'app_fault':
      // What is wrong with the request may be its code, which came with the browser.
      return outcome.code === 'invalid_request' ? { ...outcome, kind: 'app_refused' } : outcome;
    case 'transient': {
      const refused = observation.kind === 'answered' && observation.status < 429;
      // A code that nobody knows (GitHub: `bad_verification_code`) is about this one code.
      if (refused && observation.error !== undefined)
        return { kind: 'invalid', code: outcome.code };
      const { code, retryAfterMs } = outcome;
      return { kind: 'unavailable', code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    }
  }
}
