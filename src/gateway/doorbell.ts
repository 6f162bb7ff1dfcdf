import { maxDeliveryIdsPerSignal } from '../../workflows/contract';
import { messageOf } from '../errors';
import type { Logger } from '../log';
import type { Actors } from '../temporal/actors';
import { createCountedWarning } from './counted-warning';

const intervalMs = 250;
/** Without Temporal each integration's signals fail, four a second. */
const warnEveryMs = 10_000;

interface Bell {
  deliveryIds: string[];
  /** More deliveries than are carried for tracing. */
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
  const underWay = new Set<Promise<void>>();
  const failed = createCountedWarning(log, 'actors could not be signalled', warnEveryMs);

  function send(integrationId: string, deliveryIds: string[]): void {
    const signal = actors
      .webhookReceived(integrationId, deliveryIds)
      .catch((error: unknown) => failed.add({ integrationId, err: messageOf(error) }))
      .finally(() => underWay.delete(signal));
    underWay.add(signal);
    setTimeout(() => next(integrationId), intervalMs);
  }

  function next(integrationId: string): void {
    const bell = bells.get(integrationId);
    bells.delete(integrationId);
    if (bell?.rang !== true) return;
    bells.set(integrationId, { deliveryIds: [], rang: false });
    send(integrationId, bell.deliveryIds);
  }

  return {
    ring: (integrationId, deliveryId) => {
      const bell = bells.get(integrationId);
      if (bell === undefined) {
        bells.set(integrationId, { deliveryIds: [], rang: false });
        send(integrationId, [deliveryId]);
        return;
      }
      bell.rang = true;
      if (bell.deliveryIds.length < maxDeliveryIdsPerSignal) bell.deliveryIds.push(deliveryId);
    },
    close: async () => {
      for (const id of [...bells.keys()]) next(id);
      await Promise.all(underWay);
      failed.close();
    },
  };
}
