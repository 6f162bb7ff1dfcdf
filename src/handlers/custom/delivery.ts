import type { HeaderList } from '../../webhooks/stored-headers';
import { PermanentError } from '../../lib/errors';
import type { Delivery } from '../../handler-api';

/** A delivery as its row has it. */
export interface StoredDelivery {
  id: string;
  integrationId: string;
  userId: string;
  name: string;
  metadata: Record<string, unknown>;
  parameters: Record<string, string>;
  provider: string;
  eventType: string | null;
  headers: HeaderList;
  body: Buffer;
  receivedAt: Date;
  /** From 1. */
  attempt: number;
}

/** A delivery as a handler gets it. */
export function createDelivery(stored: StoredDelivery): Delivery {
  return {
    ...stored,
    headers: headerRecord(stored.headers),
    json: (() => parseJson(stored.body)) as Delivery['json'],
  };
}

/** Names in lower case; the values of a repeated name are joined by commas (RFC 9110, 5.2). */
function headerRecord(headers: HeaderList): Record<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const earlier = values.get(key);
    values.set(key, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return Object.fromEntries(values);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // The parser's own message quotes the body, and would carry it into the delivery's error.
    throw new PermanentError(
      body.length === 0 ? 'The body is empty, not JSON' : 'The body is not JSON',
    );
  }
}
