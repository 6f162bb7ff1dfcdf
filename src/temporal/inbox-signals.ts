import { maxDeliveryIdsPerSignal } from '../../workflows/contract/messages';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';
import type { Actors } from './actors';
import { createCountedWarning } from '../lib/counted-warning';

const intervalMs = 250;
/**
 * Signals in flight at once. A signal has seconds to be accepted in: were a thousand sent together, the last ones would run
 * out of them while the first ones are accepted, and wait for the sweep.
 */
const mostAtOnce = 50;
/** Without Temporal each integration's signals fail, four a second. */
const warnEveryMs = 10_000;

interface Pending {
  /** Those that are carried, for tracing. */
  deliveryIds: string[];
  /** Whether it has to be sent: at once when its turn comes, or when its interval is over. */
  isDue: boolean;
}

/** Tells integrations' actors that something is in their inbox. */
export interface InboxSignals {
  /** Something was put into its inbox. */
  signal(integrationId: string, deliveryId: string): void;
  /** Settles once every signal that was sent has been answered. */
  close(): Promise<void>;
}

/**
 * One signal at once, then at most one every 250 ms for an integration, however many deliveries come. A signal
 * that is lost is not sent again: the rows are the record, and the sweep finds them.
 */
export function createInboxSignals(
  actors: Pick<Actors, 'webhookReceived'>,
  log: Logger,
): InboxSignals {
  const pending = new Map<string, Pending>();
  const due: string[] = [];
  const inFlight = new Set<Promise<void>>();
  const failed = createCountedWarning(log, 'actors could not be signalled', warnEveryMs);

  function sendDue(most: number): void {
    while (inFlight.size < most) {
      const integrationId = due.shift();
      if (integrationId === undefined) return;
      const deliveryIds = pending.get(integrationId)?.deliveryIds ?? [];
      pending.set(integrationId, { deliveryIds: [], isDue: false });
      setTimeout(() => again(integrationId), intervalMs);
      const signal = actors
        .webhookReceived(integrationId, deliveryIds)
        .catch((error: unknown) => failed.add({ integrationId, err: messageOf(error) }))
        .finally(() => {
          inFlight.delete(signal);
          sendDue(mostAtOnce);
        });
      inFlight.add(signal);
    }
  }

  function again(integrationId: string): void {
    if (pending.get(integrationId)?.isDue !== true) {
      pending.delete(integrationId);
      return;
    }
    due.push(integrationId);
    sendDue(mostAtOnce);
  }

  return {
    signal: (integrationId, deliveryId) => {
      const known = pending.get(integrationId);
      if (known === undefined) {
        pending.set(integrationId, { deliveryIds: [deliveryId], isDue: true });
        due.push(integrationId);
        sendDue(mostAtOnce);
        return;
      }
      known.isDue = true;
      if (known.deliveryIds.length < maxDeliveryIdsPerSignal) known.deliveryIds.push(deliveryId);
    },
    close: async () => {
      const waiting = [...pending].filter(([id, { isDue }]) => isDue && !due.includes(id));
      due.push(...waiting.map(([id]) => id));
      sendDue(Infinity);
      await Promise.all(inFlight);
      failed.close();
    },
  };
}
