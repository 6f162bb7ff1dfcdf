import { inTransaction } from '../../db/transaction';
import { messageOf } from '../../lib/errors';
import { beginIncident } from '../../notifications/incidents';
import type { ActorSignals, Rows, Settings } from '../deps';

/**
 * Sends `inbox_full` once per incident: as long as an inbox takes no more.
 * @returns off a sender's way: whoever finds the inbox full again, a second later, says so again
 */
export function createFullInboxNotification(
  deps: Rows & Settings & ActorSignals,
): (integrationId: string) => void {
  const { pool, config, actors, log } = deps;

  async function notify(integrationId: string): Promise<void> {
    const began = await inTransaction(pool, (client) =>
      beginIncident(
        client,
        { integrationId, kind: 'inbox_full', more: { keepLimit: config.keepLimit } },
        config,
      ),
    );
    if (!began) return;
    log.warn({ integrationId, keepLimit: config.keepLimit }, 'an inbox is full');
    // The sweep finds notices whose signal was lost.
    if (config.notifyUrl !== undefined) await actors.noticeWaiting(integrationId);
  }

  return (integrationId) => {
    notify(integrationId).catch((error: unknown) =>
      log.warn({ integrationId, err: messageOf(error) }, 'a full inbox could not be told of'),
    );
  };
}
