import type { RefreshAnswer } from '../../workflows/contract/messages';
import { postponeRefresh } from '../../src/db/queries/credentials/refresh';
import {
  readCredential,
  readRefreshable,
  type RefreshableCredential,
} from '../../src/db/queries/credentials/row';
import type { CredentialFacts } from './inspect';
import { createInvalidateCredential } from './invalidate';
import { createPresentToken, type PresentDeps } from './present-refresh-token';
import { providerShares } from './provider-concurrency';
import { answerFrom, type RefreshInput, refreshNeed } from './refresh-decision';
import { createRefusedToken } from './handle-401';

export interface RefreshResult {
  /** The row afterwards; null where it is gone. */
  facts: CredentialFacts | null;
  answer: RefreshAnswer;
}

/** Why nothing was done now: somebody else is at it, or the API refuses what it is shown. */
type Wait = { why: 'busy' | 'access_refused'; until: Date } | null;

/** Of the 50 slots that a worker has for refreshes. */
const slotsOfOneProvider = 30;

/**
 * One attempt to renew a grant. It reads the row again, adopts what is newer, and marks what it is about to
 * show before it shows it; the workflow decides on another attempt.
 */
export function createRefreshCredential(deps: PresentDeps) {
  const { pool } = deps;
  const invalidateCredential = createInvalidateCredential(deps);
  const presentToken = createPresentToken(deps);
  const refusedToken = createRefusedToken(deps);
  const shares = providerShares(slotsOfOneProvider);

  return async function refreshCredential(input: RefreshInput): Promise<RefreshResult> {
    const { credentialId, rejectedVersion } = input;
    const wait = await act(input);
    const row = await readCredential(pool, credentialId);
    if (row === null || wait === null) {
      return { facts: row, answer: answerFrom(row, rejectedVersion) };
    }
    const { why, until } = wait;
    const waiting = { ...row, code: row.code ?? why, retryAt: until.toISOString() };
    const answer = answerFrom(waiting, rejectedVersion);
    // A refused token is tried again by its users; the actor's own timer stays what it was.
    return { facts: why === 'busy' ? { ...row, retryAt: waiting.retryAt } : row, answer };
  };

  async function act(input: RefreshInput): Promise<Wait> {
    const { credentialId } = input;
    const row = await readRefreshable(pool, credentialId);
    if (row === null) return null;
    const { version } = row;
    const need = refreshNeed(row, input);
    switch (need) {
      case 'current':
        return null;
      case 'wait_for_expiry':
        await postponeRefresh(pool, credentialId, version);
        return null;
      case 'no_refresh_token':
        await invalidateCredential({ credentialId, version, code: 'no_refresh_token' });
        return null;
      case 'dead':
        // Told again: the signals of the one who marked it may have been lost.
        await invalidateCredential({ credentialId, version, code: 'invalidated' });
        return null;
      case 'confirm':
      case 'access_refused': {
        const until = await refusedToken(credentialId, row, need === 'confirm');
        return until === null ? null : { why: 'access_refused', until };
      }
      case 'refresh':
      case 'forced_refresh':
        return present(credentialId, row, need === 'forced_refresh');
    }
  }

  async function present(id: string, row: RefreshableCredential, forced: boolean): Promise<Wait> {
    const turn = await shares.run(row.provider, () => presentToken(id, row, forced));
    const until =
      turn.kind === 'done' ? turn.result : new Date(Date.now() + Math.ceil(turn.comeBackMs));
    return until === null ? null : { why: 'busy', until };
  }
}
