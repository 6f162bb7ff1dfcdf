import type { RefreshAnswer } from '../workflows/contract';
import {
  postponeRefresh,
  readCredential,
  readRefreshable,
} from '../src/db/queries/credential-refresh';
import { heartbeating } from './heartbeating';
import type { CredentialFacts } from './inspect-credential';
import { createInvalidateCredential } from './invalidate-credential';
import { createPresentToken, type PresentDeps } from './present-token';
import { answerFrom, type RefreshInput, refreshNeed } from './refresh-need';

export interface RefreshResult {
  /** The row afterwards; null where it is gone. */
  facts: CredentialFacts | null;
  answer: RefreshAnswer;
}

/**
 * One attempt to renew a grant. It reads the row again, adopts what is newer, and marks what it is about to
 * show before it shows it; the workflow decides on another attempt.
 */
export function createRefreshCredential(deps: PresentDeps) {
  const { pool } = deps;
  const invalidateCredential = createInvalidateCredential(deps);
  const presentToken = createPresentToken(deps);

  return async function refreshCredential(input: RefreshInput): Promise<RefreshResult> {
    const { credentialId, rejectedVersion } = input;
    const busyUntil = await heartbeating(() => act(input));
    const row = await readCredential(pool, credentialId);
    const facts =
      row === null || busyUntil === null ? row : { ...row, retryAt: busyUntil.toISOString() };
    return { facts, answer: answerFrom(facts, rejectedVersion) };
  };

  /** @returns until when another attempt, maybe of a process that is gone, has the token to itself */
  async function act(input: RefreshInput): Promise<Date | null> {
    const { credentialId } = input;
    const row = await readRefreshable(pool, credentialId);
    if (row === null) return null;
    const { version } = row;
    switch (refreshNeed(row, input)) {
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
      case 'refresh':
        return presentToken(credentialId, row);
    }
  }
}
