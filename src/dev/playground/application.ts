import type { IncomingHttpHeaders } from 'node:http';
import { HoldfastApiError, type HoldfastApi } from './holdfast-api';
import { tokenAnswer } from './holdfast-schemas';
import { isGenuine } from './standard-webhooks';
import type { Connection } from './state';

/** A forwarded webhook as it arrived, and what it was answered with. */
export interface Arrival {
  integrationId: string;
  deliveryId: string;
  /** The number that the sender gave it; null where the body has none. */
  number: number | null;
  /** Holdfast's, rising in the order of receipt. */
  sequence: string;
  attempt: number;
  /** RFC 3339, when the answer was known. */
  at: string;
  /** 200 handled; 424 the provider refused the token; 503 later, please; 401 not genuine. */
  answer: number;
  /** It had been handled before. */
  repeated: boolean;
}

export interface Application {
  /** @returns the HTTP status for Holdfast */
  receive(headers: IncomingHttpHeaders, body: Buffer): Promise<number>;
  /** In the order in which they were answered. */
  received(integrationId?: string): readonly Arrival[];
}

export interface ApplicationDeps {
  holdfast: HoldfastApi;
  /** The provider's API. */
  apiUrl: () => string;
  connection(integrationId: string): Connection | undefined;
}

const keptArrivals = 10_000;
const timeoutMs = 10_000;

/** The developer's own program: a destination that can do nothing without a live token. */
export function createApplication(deps: ApplicationDeps): Application {
  const arrivals: Arrival[] = [];
  const handled = (deliveryId: string) =>
    arrivals.some((arrival) => arrival.deliveryId === deliveryId && arrival.answer === 200);
  return {
    received: (integrationId) =>
      arrivals.filter((one) => integrationId === undefined || one.integrationId === integrationId),
    receive: async (headers, body) => {
      const text = (name: string) => String(headers[name] ?? '');
      const integrationId = text('holdfast-integration');
      const connection = deps.connection(integrationId);
      if (connection === undefined) return 404;
      const deliveryId = text('webhook-id');
      const message = { id: deliveryId, timestamp: text('webhook-timestamp'), body };
      const genuine = isGenuine(connection.destinationSecret, message, text('webhook-signature'));
      const event = readEvent(body);
      const answer = genuine ? await syncContact(deps, integrationId, event.contactId) : 401;
      arrivals.push({
        ...{ integrationId, deliveryId, number: event.number, answer },
        sequence: text('holdfast-sequence'),
        attempt: Number(text('holdfast-attempt')),
        at: new Date().toISOString(),
        repeated: handled(deliveryId),
      });
      if (arrivals.length > keptArrivals) arrivals.shift();
      return answer;
    },
  };
}

/** What the webhook is about is fetched with the token: the contract's answers, section Forwarding. */
async function syncContact(
  { holdfast, apiUrl }: ApplicationDeps,
  integrationId: string,
  contactId: string,
): Promise<number> {
  try {
    const path = `/v1/integrations/${integrationId}/token`;
    const { accessToken } = await holdfast.call(tokenAnswer, 'GET', path);
    const response = await fetch(`${apiUrl()}/api/contacts/${encodeURIComponent(contactId)}`, {
      headers: { authorization: `Bearer ${accessToken}` },
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.arrayBuffer();
    if (response.ok) return 200;
    return response.status === 401 ? 424 : 503;
  } catch (error) {
    return error instanceof HoldfastApiError && error.status === 424 ? 424 : 503;
  }
}

function readEvent(body: Buffer): { number: number | null; contactId: string } {
  try {
    const event = JSON.parse(body.toString('utf8')) as { number?: number; data?: { id?: string } };
    return { number: event.number ?? null, contactId: event.data?.id ?? 'unknown' };
  } catch {
    return { number: null, contactId: 'unknown' };
  }
}
