import { randomToken } from '../../crypto/hash';
import { signMessage } from './standard-webhooks';
import type { Connection, StateFile } from './state';

/** What became of one webhook that was sent. */
export interface Sent {
  integrationId: string;
  /** Counts up for each integration. */
  number: number;
  /** RFC 3339. */
  at: string;
  /** Null where there was no answer. */
  status: number | null;
  /** Holdfast's word for it (`accepted`, `parked`), or what went wrong. */
  outcome: string;
  deliveryId: string | null;
}

export interface Sender {
  /** One after the other, each answered before the next; none is sent twice. */
  send(connection: Connection, count: number): Promise<Sent[]>;
  /** Newest first. */
  recent(): readonly Sent[];
}

const keptRecent = 30;
const timeoutMs = 15_000;

/** This provider's webhooks: signed, numbered, never repeated. */
export function createSender(file: StateFile): Sender {
  const recent: Sent[] = [];
  const one = async (connection: Connection): Promise<Sent> => {
    connection.sent += 1;
    file.save();
    const { integrationId, sent: number } = connection;
    const at = new Date();
    const sent = {
      ...{ integrationId, number, at: at.toISOString() },
      ...(await post(connection, number, at)),
    };
    recent.unshift(sent);
    recent.splice(keptRecent);
    return sent;
  };
  return {
    send: async (connection, count) => {
      const results: Sent[] = [];
      for (let index = 0; index < count; index += 1) results.push(await one(connection));
      return results;
    },
    recent: () => recent,
  };
}

type Answer = Pick<Sent, 'status' | 'outcome' | 'deliveryId'>;

async function post(connection: Connection, number: number, at: Date): Promise<Answer> {
  const id = `msg_${randomToken(16)}`;
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const event = { type: 'contact.updated', number, data: { id: `contact-${number}` } };
  const body = Buffer.from(JSON.stringify(event));
  try {
    const response = await fetch(connection.webhookUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': signMessage(connection.webhookSecret, { id, timestamp, body }),
      },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, ...readAnswer(await response.text()) };
  } catch {
    return { status: null, outcome: 'no answer', deliveryId: null };
  }
}

function readAnswer(text: string): Pick<Sent, 'outcome' | 'deliveryId'> {
  try {
    const { id, outcome, error } = JSON.parse(text) as {
      id?: string;
      outcome?: string;
      error?: { code?: string };
    };
    return { outcome: outcome ?? error?.code ?? 'unreadable', deliveryId: id ?? null };
  } catch {
    return { outcome: 'unreadable', deliveryId: null };
  }
}
