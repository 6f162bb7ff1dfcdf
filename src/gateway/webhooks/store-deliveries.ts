import { isRefusedByRow } from '../../db/error-classes';
import type {
  AcceptedDelivery,
  AcceptResult,
  NewDelivery,
} from '../../db/queries/deliveries/new-delivery';
import type { InboxSignals } from '../../temporal/inbox-signals';
import type { InboxWriter } from './inbox-writer';

interface Inbox {
  inbox: InboxWriter;
  inboxSignals: InboxSignals;
}

/** One for an integration of this user: users take turns where many actors are to be told. */
export type UserDelivery = NewDelivery & { userId: string };

/** Why an event was not stored; the sender's other events are. */
export type NotStored = Exclude<AcceptResult, AcceptedDelivery> | 'not_storable';

/**
 * Stores the deliveries of one request. Where a part of it is stored and has no keys, what found no room is not refused: sent
 * again as a whole, that part would be handled twice.
 *
 * @throws the database's error
 */
export async function storeDeliveries(
  inbox: Inbox,
  deliveries: readonly UserDelivery[],
): Promise<(AcceptedDelivery | NotStored)[]> {
  if (deliveries.length === 1) return write(inbox, deliveries);
  const results = await write(inbox, deliveries);
  const refused = deliveries.filter((_delivery, index) => results[index] === 'inbox_full');
  const wouldDouble = deliveries.some(
    ({ dedupeKey }, index) => dedupeKey === null && typeof results[index] !== 'string',
  );
  if (refused.length === 0 || !wouldDouble) return results;
  const rest = await write(
    inbox,
    refused.map((delivery) => ({ ...delivery, refusable: false })),
  );
  return results.map((result) => (result === 'inbox_full' ? (rest.shift() ?? result) : result));
}

/**
 * They share statements with whatever else is in flight; the actors are told. Settles once all of them are durable, or are
 * known not to be. After an error the sender sends the request again: those of it that were stored are known by their keys,
 * and come twice where they have none.
 */
async function write(
  { inbox, inboxSignals }: Inbox,
  deliveries: readonly UserDelivery[],
): Promise<(AcceptedDelivery | NotStored)[]> {
  const results = await Promise.allSettled(
    deliveries.map(async (delivery) => {
      const result = await inbox.write(delivery);
      if (typeof result !== 'string' && result.outcome === 'accepted') {
        inboxSignals.signal(delivery.integrationId, result.id, delivery.userId);
      }
      return result;
    }),
  );
  return results.map((result) => {
    if (result.status === 'fulfilled') return result.value;
    if (isRefusedByRow(result.reason)) return 'not_storable';
    throw result.reason;
  });
}
