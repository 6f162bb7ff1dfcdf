import type { CredentialState } from '../../workflows/contract/status';
import { isUsable } from '../../workflows/rules';

/** What is decided from: a credential's row, as the database had it a moment ago. */
export interface StoredToken {
  state: CredentialState;
  sealedAccessToken: Buffer | null;
  expiresAt: Date | null;
  /** Its time for a refresh has come, and no earlier failure is waited out. */
  refreshDue: boolean;
}

/** @returns the encrypted access token; null where a person has to connect (again) first */
export function usableToken({ state, sealedAccessToken }: StoredToken): Buffer | null {
  return isUsable(state) ? sealedAccessToken : null;
}

/** @returns milliseconds until the token ends; negative where it has, Infinity where the provider doesn't say */
export const leftMs = ({ expiresAt }: Pick<StoredToken, 'expiresAt'>, now = Date.now()): number =>
  expiresAt === null ? Infinity : expiresAt.getTime() - now;

/**
 * Whether a usable token is renewed before it is given out.
 *
 * @param shortMs one that ends as soon as that is worth nothing to its user
 * @param now Unix milliseconds
 */
export function needsRenewal(token: StoredToken, shortMs: number, now = Date.now()): boolean {
  return token.refreshDue || leftMs(token, now) <= shortMs;
}

/**
 * Whether the token that was to be renewed is given out all the same: it still lives, and there is no other one yet. A
 * renewal that ended in a death counts, however long the token would have lived.
 *
 * @param renewal undefined while nobody knows what becomes of it
 * @param left milliseconds until the held token ends
 */
export function isHeldGoodEnough(
  renewal: { kind: 'alive' | 'dead' | 'unavailable' } | undefined,
  left: number,
): boolean {
  return left > 0 && (renewal === undefined || renewal.kind === 'unavailable');
}
