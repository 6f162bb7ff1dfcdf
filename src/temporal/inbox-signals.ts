import { maxDeliveryIdsPerSignal } from '../../workflows/contract/messages';
import { whyNotTaken } from './actor-errors';
import type { Logger } from '../lib/log';
import type { Actors } from './actors';
import { createCountedWarning } from '../lib/log/counted-lines';
import { createRequestWindow, type RequestWindow } from '../lib/request-window';

const intervalMs = 250;
/**
 * Signals in flight at once. A signal has seconds to be accepted in: were a thousand sent together, the last ones would run
 * out of them while the first ones are accepted, and wait for the sweep. Fewer while Temporal is slow: what it has taken
 * waits there in the order in which it came, and here users take turns.
 */
const atOnce = { least: 4, most: 50 };
/** Without Temporal each integration's signals fail, four a second. */
const warnEveryMs = 10_000;

interface Pending {
  userId: string;
  /** Those that are carried, for tracing. */
  deliveryIds: string[];
  /** Whether it has to be sent: at once when its turn comes, or when its interval is over. */
  isDue: boolean;
}

/** Tells integrations' actors that something is in their inbox. */
export interface InboxSignals {
  /**
   * Something was put into its inbox.
   * @param userId whose it is; default: it shares the turns of all whose user isn't known
   */
  signal(integrationId: string, deliveryId: string, userId?: string): void;
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
  {
    window = createRequestWindow(atOnce),
    onEnd = () => undefined,
  }: {
    window?: RequestWindow;
    /** Of each signal. */ onEnd?: ((result: 'sent' | 'failed') => void) | undefined;
  } = {},
): InboxSignals {
  const pending = new Map<string, Pending>();
  const due = createLines();
  const inFlight = new Set<Promise<void>>();
  const failed = createCountedWarning(
    (line) =>
      log.warn(
        { event: 'actor.not_signalled', ...line },
        'An actor could not be signalled; the sweep does it',
      ),
    warnEveryMs,
  );

  function sendDue(most: number): void {
    while (inFlight.size < most) {
      const integrationId = due.take();
      if (integrationId === undefined) return;
      const { deliveryIds = [], userId = '' } = pending.get(integrationId) ?? {};
      pending.set(integrationId, { userId, deliveryIds: [], isDue: false });
      setTimeout(() => again(integrationId), intervalMs);
      const sentAt = performance.now();
      const signal = actors
        .webhookReceived(integrationId, deliveryIds, userId === '' ? undefined : userId)
        .then(
          () => onEnd('sent'),
          (error: unknown) => {
            onEnd('failed');
            failed.add({ integrationId, err: whyNotTaken(error) });
          },
        )
        .finally(() => {
          inFlight.delete(signal);
          window.noteAnswer(performance.now() - sentAt);
          sendDue(window.size);
        });
      inFlight.add(signal);
    }
  }

  function again(integrationId: string): void {
    const known = pending.get(integrationId);
    if (known?.isDue !== true) {
      pending.delete(integrationId);
      return;
    }
    due.add(known.userId, integrationId);
    sendDue(window.size);
  }

  return {
    signal: (integrationId, deliveryId, userId = '') => {
      const known = pending.get(integrationId);
      if (known === undefined) {
        pending.set(integrationId, { userId, deliveryIds: [deliveryId], isDue: true });
        due.add(userId, integrationId);
        sendDue(window.size);
        return;
      }
      known.isDue = true;
      if (known.deliveryIds.length < maxDeliveryIdsPerSignal) known.deliveryIds.push(deliveryId);
    },
    close: async () => {
      for (const [id, { isDue, userId }] of pending) if (isDue) due.add(userId, id);
      sendDue(Infinity);
      await Promise.all(inFlight);
      failed.close();
    },
  };
}

/** A line of integrations for each user; one of each is taken in turn, and none stands in it twice. */
function createLines() {
  const lines = new Map<string, Set<string>>();
  return {
    add(userId: string, integrationId: string): void {
      const line = lines.get(userId);
      if (line === undefined) lines.set(userId, new Set([integrationId]));
      else line.add(integrationId);
    },
    take(): string | undefined {
      const [first] = lines;
      if (first === undefined) return undefined;
      const [userId, line] = first;
      const [integrationId] = line;
      lines.delete(userId);
      if (integrationId !== undefined) line.delete(integrationId);
      if (line.size > 0) lines.set(userId, line);
      return integrationId;
    },
  };
}
