import type { RefreshAnswer } from '../../workflows/contract/messages';
import { toDeathCode } from '../../workflows/contract/status';
import type { RefreshableCredential } from '../../src/db/queries/credentials/row';
import type { CredentialFacts } from './inspect';
import { isInStreak } from './token-rejection-streak';

export interface RefreshInput {
  credentialId: string;
  /** The version that the caller can't use any more; null where it holds none. */
  rejectedVersion: number | null;
  /** Asked by the clock, before the token has ended: nobody refused it. */
  ahead: boolean;
}

export type RefreshNeed =
  | 'current'
  | 'dead'
  | 'refresh'
  /** The API refused a token whose time has not come. */
  | 'forced_refresh'
  /** The API refuses what a refresh brings too: another one would only burn a rotation. */
  | 'access_refused'
  /** The API refused a token that can't be refreshed: the provider has to confirm it. */
  | 'confirm'
  /** There is nothing to refresh with, and the token still lives. */
  | 'wait_for_expiry'
  | 'no_refresh_token';

/** A token from a forced refresh that is refused this soon was never good. */
const freshMs = 60_000;
/** Forced refreshes within an hour; where no lifetime is told, a refusal is how its end shows. */
const budget = { knownLifetime: 10, unknownLifetime: 60 };

/** What the row asks for, whatever the caller thought when it asked. */
export function refreshNeed(row: RefreshableCredential, input: RefreshInput): RefreshNeed {
  const { state, version, expiresInMs, refreshDue, refreshToken } = row;
  const { rejectedVersion, ahead } = input;
  if (state === 'dead' || state === 'missing') return 'dead';
  // A version that never was can't have been refused either.
  if (rejectedVersion !== null && rejectedVersion !== version) return 'current';
  const refused = rejectedVersion !== null && !ahead;
  const ended = expiresInMs !== null && expiresInMs <= 0;
  if (refreshToken === null) {
    if (ended) return 'no_refresh_token';
    if (refused) return 'confirm';
    return ahead ? 'wait_for_expiry' : 'current';
  }
  if (!refused || ended || refreshDue) {
    return rejectedVersion !== null || refreshDue ? 'refresh' : 'current';
  }
  return isHopeless(row) ? 'access_refused' : 'forced_refresh';
}

function isHopeless(row: RefreshableCredential): boolean {
  const limit = row.expiresInMs === null ? budget.unknownLifetime : budget.knownLifetime;
  return isInStreak(row) || (row.forced && row.ageMs < freshMs) || row.forcedCount >= limit;
}

/** What a caller is told of the row as it is after the attempt. */
export function answerFrom(
  facts: CredentialFacts | null,
  rejectedVersion: number | null,
): RefreshAnswer {
  if (facts === null) return { kind: 'dead', version: 0, code: 'not_connected' };
  const { state, version, code, expiresAt, retryAt } = facts;
  if (state === 'missing') return { kind: 'dead', version, code: 'not_connected' };
  if (state === 'dead') return { kind: 'dead', version, code: toDeathCode(code) };
  const advanced = rejectedVersion !== null && rejectedVersion < version;
  if (retryAt === null || advanced) return { kind: 'alive', version, expiresAt };
  return { kind: 'unavailable', version, code: code ?? 'busy', retryAt };
}
