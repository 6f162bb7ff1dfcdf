import type { Kept } from '../../db/queries/deliveries/accept';
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
): (integrationId: string, kept: Kept) => void {
  const { pool, config, actors, log } = deps;

  async function notify(integrationId: string, { pending }: Kept): Promise<void> {
    const { keepLimit, keepLimitBytes } = config;
    const reached = pending >= keepLimit ? 'HOLDFAST_KEEP_LIMIT' : 'HOLDFAST_KEEP_LIMIT_BYTES';
    const began = await inTransaction(pool, (client) =>
      beginIncident(
        client,
        { integrationId, kind: 'inbox_full', more: { reached, keepLimit, keepLimitBytes } },
        config,
      ),
    );
    if (!began) return;
    log.warn(
      { event: 'inbox.full', integrationId, reached, keepLimit, keepLimitBytes },
      'An inbox is full',
    );
    // The sweep finds notices whose signal was lost.
    if (config.notifyUrl !== undefined) await actors.noticeWaiting(integrationId);
  }

  return (integrationId, kept) => {
    notify(integrationId, kept).catch((error: unknown) =>
      log.warn(
        { event: 'inbox.full_not_notified', integrationId, err: messageOf(error) },
        'The notification of a full inbox could not be stored',
      ),
    );
  };
}
