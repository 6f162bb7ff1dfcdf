import { maxDeliveryIdsPerSignal } from '../../workflows/contract/messages';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';
import type { Actors } from './actors';
import { createCountedWarning } from '../lib/counted-warning';

const intervalMs = 250;
/**
 * Signals under way at once. A signal has seconds to be accepted in: were a thousand sent together, the last ones would run
 * out of them while the first ones are accepted, and wait for the sweep.
 */
const mostAtOnce = 50;
/** Without Temporal each integration's signals fail, four a second. */
const warnEveryMs = 10_000;

interface Bell {
  /** Those that are carried, for tracing. */
  deliveryIds: string[];
  /** Whether it has to be sent: at once when its turn comes, or when its interval is over. */
  rang: boolean;
}

/** Tells integrations' actors that something is in their inbox. */
export interface Doorbell {
  ring(integrationId: string, deliveryId: string): void;
  /** Settles once every signal that was sent has been answered. */
  close(): Promise<void>;
}

/**
 * One signal at once, then at most one every 250 ms for an integration, however many deliveries come. A signal
 * that is lost is not sent again: the rows are the record, and the sweep finds them.
 */
export function createDoorbell(actors: Pick<Actors, 'webhookReceived'>, log: Logger): Doorbell {
  const bells = new Map<string, Bell>();
  const due: string[] = [];
  const underWay = new Set<Promise<void>>();
  const failed = createCountedWarning(log, 'actors could not be signalled', warnEveryMs);

  function sendDue(most: number): void {
    while (underWay.size < most) {
      const integrationId = due.shift();
      if (integrationId === undefined) return;
      const deliveryIds = bells.get(integrationId)?.deliveryIds ?? [];
      bells.set(integrationId, { deliveryIds: [], rang: false });
      setTimeout(() => again(integrationId), intervalMs);
      const signal = actors
        .webhookReceived(integrationId, deliveryIds)
        .catch((error: unknown) => failed.add({ integrationId, err: messageOf(error) }))
        .finally(() => {
          underWay.delete(signal);
          sendDue(mostAtOnce);
        });
      underWay.add(signal);
    }
  }

  function again(integrationId: string): void {
    if (bells.get(integrationId)?.rang !== true) {
      bells.delete(integrationId);
      return;
    }
    due.push(integrationId);
    sendDue(mostAtOnce);
  }

  return {
    ring: (integrationId, deliveryId) => {
      const bell = bells.get(integrationId);
      if (bell === undefined) {
        bells.set(integrationId, { deliveryIds: [deliveryId], rang: true });
        due.push(integrationId);
        sendDue(mostAtOnce);
        return;
      }
      bell.rang = true;
      if (bell.deliveryIds.length < maxDeliveryIdsPerSignal) bell.deliveryIds.push(deliveryId);
    },
    close: async () => {
      const waiting = [...bells].filter(([id, { rang }]) => rang && !due.includes(id));
      due.push(...waiting.map(([id]) => id));
      sendDue(Infinity);
      await Promise.all(underWay);
      failed.close();
    },
  };
}
