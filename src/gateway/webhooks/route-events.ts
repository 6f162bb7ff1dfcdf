import { displayText } from '../../webhooks/split-events';
import type { WebhookEvent } from '../../webhooks/event';
import type { AddressedEvent } from './store-events';

export interface AddressedEvents {
  addressed: AddressedEvent[];
  /** Events that belong to no integration, or to one that has had its share; `account` is storable text. */
  refused: {
    of: { account: string | null } | { integrationId: string };
    reason: string;
    sizeBytes: number;
  }[];
}

/**
 * Whose each event of a request is: one goes to every integration of its account. Pure, but for the count.
 *
 * @param integrations ids by account
 * @param take whether the integration may have another one in this second
 */
export function addressEvents(
  events: readonly WebhookEvent[],
  integrations: ReadonlyMap<string, readonly string[]>,
  take: (integrationId: string) => boolean,
): AddressedEvents {
  const result: AddressedEvents = { addressed: [], refused: [] };
  for (const event of events) {
    const sizeBytes = event.body.length;
    const ids = event.account === null ? [] : (integrations.get(event.account) ?? []);
    if (ids.length === 0) {
      const account = event.account === null ? null : displayText(event.account);
      const reason = account === null ? 'no_account' : 'unknown_account';
      result.refused.push({ of: { account }, reason, sizeBytes });
    }
    for (const integrationId of ids) {
      if (take(integrationId)) result.addressed.push({ integrationId, event });
      else result.refused.push({ of: { integrationId }, reason: 'rate_limited', sizeBytes });
    }
  }
  return result;
}
