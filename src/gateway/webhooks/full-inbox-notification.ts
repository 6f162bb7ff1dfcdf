import { inTransaction } from '../../db/transaction';
import { messageOf } from '../../lib/errors';
import { beginEpisode } from '../../notifications/incidents';
import type { GatewayDeps } from '../deps';

/** Tells of an inbox that takes no more, once for as long as it lasts. */
export interface TellFull {
  /** Off a sender's way: whoever finds the inbox full again, a second later, says so again. */
  (integrationId: string): void;
}

export function createTellFull(deps: GatewayDeps): TellFull {
  const { pool, config, actors, log } = deps;

  async function tell(integrationId: string): Promise<void> {
    const began = await inTransaction(pool, (client) =>
      beginEpisode(
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
    tell(integrationId).catch((error: unknown) =>
      log.warn({ integrationId, err: messageOf(error) }, 'a full inbox could not be told of'),
    );
  };
}
