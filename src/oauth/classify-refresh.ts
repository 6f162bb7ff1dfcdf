import type { DeathCode } from '../../workflows/contract/status';
import type { RefreshErrorRule } from '../providers/provider';
import { commonTable, type Verdict } from './refresh-error-table';

/** What was seen of one attempt to refresh. Holds no secret. */
export type RefreshObservation =
  | {
      kind: 'answered';
      status: number;
      /** The error in the body, whatever the status; absent where none was readable. */
      error?: string;
      /** From `Retry-After`. */
      retryAfterMs?: number;
    }
  | { kind: 'failed'; code: string; sent: boolean };

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
  const { status, error, retryAfterMs } = observation;
  const code = error ?? `http_${String(status)}`;
  const verdict = ownVerdict(rules, status, error) ?? commonVerdict(status, error);
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

function ownVerdict(
  rules: readonly RefreshErrorRule[],
  status: number,
  error: string | undefined,
): Verdict | undefined {
  return rules.find(
    (rule) =>
      (rule.status === undefined || rule.status === status) &&
      (rule.error === undefined || rule.error === error),
  )?.means;
}

function commonVerdict(status: number, error: string | undefined): Verdict {
  const row = commonTable.find(
    ({ statuses: [from, to] = [0, 999], errors }) =>
      status >= from &&
      status <= to &&
      (errors === undefined || errors.includes(error ?? 'unreadable')),
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
