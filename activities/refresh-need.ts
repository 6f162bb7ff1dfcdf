import { type RefreshAnswer, toDeathCode } from '../workflows/contract';
import type { RefreshableCredential } from '../src/db/queries/credential-refresh';
import type { CredentialFacts } from './inspect-credential';

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
  /** There is nothing to refresh with, and the token still lives. */
  | 'wait_for_expiry'
  | 'no_refresh_token';

/** What the row asks for, whatever the caller thought when it asked. */
export function refreshNeed(row: RefreshableCredential, input: RefreshInput): RefreshNeed {
  const { state, version, expiresInMs, refreshDue, refreshToken } = row;
  const { rejectedVersion, ahead } = input;
  if (state === 'dead' || state === 'missing') return 'dead';
  // A version that never was can't have been refused either.
  if (rejectedVersion !== null && rejectedVersion !== version) return 'current';
  const refused = rejectedVersion !== null && !ahead;
  if (refreshToken === null) {
    if (refused || (expiresInMs !== null && expiresInMs <= 0)) return 'no_refresh_token';
    return ahead ? 'wait_for_expiry' : 'current';
  }
  return rejectedVersion !== null || refreshDue ? 'refresh' : 'current';
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
