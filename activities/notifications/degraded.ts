import { readCredential } from '../../src/db/queries/credentials/row';
import { takeDegradedNotification } from '../../src/db/queries/notifications/degraded';
import { inTransaction } from '../../src/db/transaction';
import { addIntegrationNotification } from '../../src/notifications/integration-notification';
import type { RecordDeps } from '../status/settle';
import type { CredentialRow } from '../../workflows/contract/status';

/**
 * Tells of a credential that has been failing for a while, once, to each integration that uses it. A fault of the
 * application's own is told as such, not here.
 *
 * @returns the row afterwards; null where it is gone
 */
export function createNoticeDegraded({ pool, actors, publicUrl, notifyUrl }: RecordDeps) {
  return async function noticeDegraded(input: {
    credentialId: string;
  }): Promise<CredentialRow | null> {
    const { credentialId } = input;
    const told = await inTransaction(pool, async (client) => {
      const notification = await takeDegradedNotification(client, credentialId);
      if (notification === null || notifyUrl === undefined) return [];
      const { code, since, at, uses } = notification;
      for (const { integrationId, name } of uses) {
        const type = 'credential.degraded';
        const more = { credential: { name, code, since: since.toISOString() } };
        await addIntegrationNotification(client, { integrationId, type, at, more }, publicUrl);
      }
      return uses;
    });
    // A lost signal is made up for by the sweep: the notifications are in their outbox.
    await Promise.allSettled(told.map(({ integrationId }) => actors.noticeWaiting(integrationId)));
    return readCredential(pool, credentialId);
  };
}
