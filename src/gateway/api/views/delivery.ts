import type { DeliveryRow, WholeDeliveryRow } from '../../../db/queries/deliveries/list';
import type { WebhookDeclaration } from '../../../providers/webhook-declaration';
import { type HeaderList, parseKeptHeaders } from '../../../webhooks/stored-headers';

/** A delivery in a list, without what was sent. Dates become RFC 3339 in UTC when they are written. */
export function deliveryView(row: DeliveryRow) {
  return {
    id: row.id,
    integrationId: row.integrationId,
    state: row.state,
    outcome: row.outcome,
    eventType: row.eventType,
    dedupeKey: row.dedupeKey,
    receivedAt: row.receivedAt,
    handledAt: row.handledAt,
    attempts: row.attempts,
    nextAttemptAt: row.nextAttemptAt,
    error: row.error,
  };
}

/**
 * With headers, body (base64) and every attempt.
 * @param declaration of the integration's provider
 */
export function wholeDeliveryView(
  row: WholeDeliveryRow,
  declaration: WebhookDeclaration | undefined,
) {
  return {
    ...deliveryView(row),
    headers: headersOf(parseKeptHeaders(row.headers, declaration)),
    body: row.body.toString('base64'),
    attempts: row.attemptRows,
  };
}

/** Names in lower case; what came more than once is joined (RFC 9110 section 5.3). */
function headersOf(kept: HeaderList): Record<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of kept) {
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(headers);
}
