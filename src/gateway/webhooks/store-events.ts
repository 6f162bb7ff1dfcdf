import type { AcceptedDelivery } from '../../db/queries/deliveries/accept';
import { newId } from '../../lib/ids';
import { dedupeHash, displayText } from '../../webhooks/split-events';
import type { WebhookEvent } from '../../webhooks/event';
import type { Doorbell } from '../../temporal/inbox-signals';
import type { InboxWriter } from './inbox-writer';
import { isRefusedByRow } from '../../db/error-classes';

/** One event for one integration. */
export interface AddressedEvent {
  integrationId: string;
  event: WebhookEvent;
}

/** Why an event was not stored; the sender's other events are. */
export type StoreRefusal = 'integration_gone' | 'inbox_full' | 'not_storable';

export type StoredEvent = AcceptedDelivery | { refused: StoreRefusal };

export interface StoreDeps {
  inbox: InboxWriter;
  doorbell: Doorbell;
}

export interface CommonParts {
  /** JSON text: [[name, value], …]. */
  headers: string;
  /** Whether an event is set aside where its inbox is full, because its sender never asks again. */
  discardWhenFull: boolean;
}

/**
 * Stores the events of one request, which share statements with whatever else is in flight, and tells the actors.
 * Settles once all of them are durable, or one is known not to be: then the sender has to send the request again, and
 * those that were stored are known by their keys.
 *
 * @throws the database's error
 */
export async function storeEvents(
  { inbox, doorbell }: StoreDeps,
  addressed: readonly AddressedEvent[],
  common: CommonParts,
): Promise<StoredEvent[]> {
  const results = await Promise.allSettled(
    addressed.map(async ({ integrationId, event }, position): Promise<StoredEvent> => {
      const { dedupeKey, eventType, body } = event;
      const result = await inbox.write({
        id: newId('dlv'),
        ...{ integrationId, position, body },
        dedupeHash: dedupeHash(dedupeKey),
        dedupeKey: displayText(dedupeKey),
        eventType: eventType === null ? null : displayText(eventType),
        ...common,
      });
      if (result === 'full') return { refused: 'inbox_full' };
      if (result === 'gone') return { refused: 'integration_gone' };
      if (result.outcome === 'accepted') doorbell.ring(integrationId, result.id);
      return result;
    }),
  );
  return results.map((result) => {
    if (result.status === 'fulfilled') return result.value;
    if (isRefusedByRow(result.reason)) return { refused: 'not_storable' };
    throw result.reason;
  });
}
