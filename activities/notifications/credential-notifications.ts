import { readCredential } from '../../src/db/queries/credentials/row';
import {
  type CredentialUse,
  takeDegradedNotification,
} from '../../src/db/queries/notifications/degraded';
import { takeExpiringNotification } from '../../src/db/queries/notifications/expiring';
import type { Queryable } from '../../src/db/pool';
import { inTransaction } from '../../src/db/transaction';
import { addIntegrationNotification } from '../../src/notifications/integration-notification';
import { signalPaced } from '../../src/temporal/paced-signals';
import type { RecordDeps } from '../status/settle';
import type { CredentialRow } from '../../workflows/contract/status';

/** What is told of a credential whose integrations go on: each once, to each integration that uses it. */
interface CredentialNotification {
  type: 'credential.degraded' | 'credential.expiring';
  at: Date;
  uses: CredentialUse[];
  /** Beside the credential's name. */
  more: Record<string, unknown>;
}

/**
 * Tells of a credential that has been failing for a while, or that ends soon whatever one does. A fault of
 * the application's own is told as such, not here.
 *
 * @returns the row afterwards; null where it is gone
 */
export function createNoticeDegraded({ pool, actors, publicUrl, notifyUrl }: RecordDeps) {
  return async function noticeDegraded(input: {
    credentialId: string;
  }): Promise<CredentialRow | null> {
    const { credentialId } = input;
    const told = await inTransaction(pool, async (client) => {
      const notifications = await takeNotifications(client, credentialId);
      if (notifyUrl === undefined) return [];
      for (const { type, at, uses, more } of notifications) {
        for (const { integrationId, name } of uses) {
          const said = { credential: { name, ...more } };
          const input = { integrationId, type, at, more: said };
          await addIntegrationNotification(client, input, publicUrl);
        }
      }
      return notifications.flatMap(({ uses }) => uses);
    });
    // A lost signal is made up for by the sweep: the notifications are in their outbox.
    await signalPaced(told, ({ integrationId }) => actors.noticeWaiting(integrationId));
    return readCredential(pool, credentialId);
  };
}

async function takeNotifications(
  client: Queryable,
  credentialId: string,
): Promise<CredentialNotification[]> {
  const degraded = await takeDegradedNotification(client, credentialId);
  const expiring = await takeExpiringNotification(client, credentialId);
  const notifications: CredentialNotification[] = [];
  if (degraded !== null) {
    const { code, since, ...rest } = degraded;
    const more = { code, since: since.toISOString() };
    notifications.push({ type: 'credential.degraded', ...rest, more });
  }
  if (expiring !== null) {
    const { expiresAt, ...rest } = expiring;
    const more = { expiresAt: expiresAt.toISOString() };
    notifications.push({ type: 'credential.expiring', ...rest, more });
  }
  return notifications;
}
