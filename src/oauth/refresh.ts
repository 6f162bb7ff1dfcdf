import { refreshTokenGrant } from 'openid-client';
import type { DeathCode } from '../../workflows/contract/status';
import { HoldfastError } from '../lib/errors';
import { errorsOf, type Provider, type RefreshErrorRule } from '../providers/provider';
import { accountOfAnswer } from './account';
import { commonTable, type Verdict } from './refresh-error-table';
import type { ClientMethods } from './client-authentication';
import type { Parameters } from './client-configuration';
import { toErrorCode } from '../providers/error-code';
import type { RefreshObservation } from './read-answer';
import { type Asked, askTokenEndpoint, type TokenResponse } from './token-endpoint';
import type { TokenSet } from './token-set';

interface RefreshRequest {
  refreshToken: string;
  /** What fills the placeholders of the provider's addresses. */
  parameters?: Parameters;
  /** An earlier attempt with this refresh token was sent and never answered. */
  unansweredBefore: boolean;
}

export interface RefreshOptions {
  /** Gives up, also while connecting. There is no other time limit. */
  signal: AbortSignal;
  /**
   * Called with the connection open and nothing sent yet: the place to look at the clock. What it
   * throws calls the attempt off (`transient`, `called_off`, not unanswered).
   */
  beforeSend?: () => void;
  /** Without it a client authenticates as it is declared. */
  clientMethods?: ClientMethods;
}

type RefreshResult =
  /** `account`: the one that the answer names, where one is declared to stand there. */
  ({ kind: 'refreshed'; tokens: TokenSet; account?: string } | RefreshOutcome) & {
    /** Absent where the token endpoint was not asked. */
    asked?: Asked;
  };

/**
 * Presents a refresh token once (RFC 6749 section 6), never a second time on its own. Every outcome
 * is a value: nothing is thrown.
 */
export async function refreshTokens(
  provider: Provider,
  request: RefreshRequest,
  options: RefreshOptions,
): Promise<RefreshResult> {
  const asked = await askTokenEndpoint({
    provider,
    parameters: request.parameters ?? {},
    ...options,
    kind: 'refresh',
    grant: (configuration) => refreshTokenGrant(configuration, request.refreshToken),
  });
  return {
    ...toResult(asked, provider, request),
    ...('asked' in asked ? { asked: asked.asked } : {}),
  };
}

function toResult(
  asked: TokenResponse,
  provider: Provider,
  { unansweredBefore }: RefreshRequest,
): RefreshResult {
  switch (asked.kind) {
    case 'tokens': {
      const { tokens, document } = asked;
      const account = accountOfAnswer(provider, document);
      return { kind: 'refreshed', tokens, ...(account === null ? {} : { account }) };
    }
    case 'observed':
      return classifyRefresh(asked.observation, provider.refreshErrors ?? [], unansweredBefore);
    case 'invalid':
      return { kind: 'transient', code: 'invalid_token_answer', unanswered: true };
    case 'not_asked':
      // One connection's parameters that the declaration takes no longer are no fault of them all.
      return asked.error instanceof HoldfastError
        ? { kind: 'transient', code: 'invalid_parameters', unanswered: false }
        : { kind: 'app_fault', code: 'invalid_configuration' };
  }
}

export type RefreshOutcome =
  /** The grant is gone; a person has to reconnect. */
  | { kind: 'dead'; code: DeathCode }
  /** The application's own fault (a wrong client secret): people are left alone. */
  | { kind: 'app_fault'; code: string }
  /** Passes by itself. `unanswered`: the provider may have rotated the refresh token unseen. */
  | { kind: 'transient'; code: string; retryAfterMs?: number; unanswered: boolean };

/**
 * What an attempt means: by the provider's own rules, else by the common table.
 * @param unansweredBefore an earlier attempt with this refresh token was sent and never answered;
 *   an `invalid_grant` then is no word about the grant but a token that was rotated away
 */
export function classifyRefresh(
  observation: RefreshObservation,
  rules: readonly RefreshErrorRule[],
  unansweredBefore: boolean,
): RefreshOutcome {
  if (observation.kind === 'failed') {
    return { kind: 'transient', code: observation.code, unanswered: observation.sent };
  }
  const { status, error, saysError = false, retryAfterMs } = observation;
  const code = error ?? `http_${String(status)}`;
  const word = error ?? (saysError ? 'unknown' : 'unreadable');
  const verdict = ownVerdict(rules, status, error) ?? commonVerdict(status, word);
  switch (verdict) {
    case 'dead': {
      const death = deathCodeOf(error);
      return {
        kind: 'dead',
        code: death === 'invalid_grant' && unansweredBefore ? 'rotation_lost' : death,
      };
    }
    case 'app':
      return { kind: 'app_fault', code };
    case 'transient':
    case 'unanswered':
      return {
        kind: 'transient',
        code,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        unanswered: verdict === 'unanswered',
      };
  }
}

/** What a provider's own rules say of an answer; `error` is its code. */
export function ownVerdict(
  rules: readonly RefreshErrorRule[],
  status: number,
  error: string | undefined,
): Verdict | undefined {
  return rules.find(
    (rule) =>
      (rule.status === undefined || rule.status === status) &&
      (rule.error === undefined ||
        errorsOf(rule).some((word) => error !== undefined && toErrorCode(word) === error)),
  )?.means;
}

function commonVerdict(status: number, word: string): Verdict {
  const row = commonTable.find(
    ({ statuses: [from, to] = [0, 999], errors }) =>
      status >= from && status <= to && (errors === undefined || errors.includes(word)),
  );
  return row?.verdict ?? 'transient';
}

/** The provider's words that are Holdfast's own too. */
const shared: readonly DeathCode[] = [
  'invalid_grant',
  'invalid_scope',
  'interaction_required',
  'consent_required',
  'login_required',
  'unauthorized_client',
];

/** A provider's error as one of Holdfast's codes: what has none of its own is `invalid_grant`. */
function deathCodeOf(error: string | undefined): DeathCode {
  return shared.find((code) => code === error) ?? 'invalid_grant';
}
