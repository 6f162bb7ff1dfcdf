import type { PoolClient } from 'pg';
import type { Pool } from '../db/pool';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';
import { pause } from '../lib/timing';
import { backoffMs } from '../../workflows/rules';

/** What triggers tell (migration 0011): whose status, sessions or everything is another one. '' is everybody. */
export interface LiveMessage {
  kind: 'status' | 'session' | 'deleted';
  userId: string;
}

export interface ListenOptions {
  /** One of its connections is kept. */
  pool: Pool;
  log: Logger;
  /** From now on nothing is missed; again after each loss. */
  onListening: () => void;
  onMessage: (message: LiveMessage) => void;
  /** From now on changes go unheard. */
  onLost: () => void;
}

const channel = 'holdfast_live';
const growth = { firstMs: 100, longestMs: 5_000, jitter: 0.5 };
/** A connection that broke silently is found out by asking. */
const checkMs = 15_000;

/** Listens for changes until it is closed; a lost connection is made again, with backoff. */
export function listen(options: ListenOptions): { close(): Promise<void> } {
  const closed = new AbortController();
  const { signal } = closed;
  const ended = keepListening(options, signal);
  return {
    close: () => {
      closed.abort();
      return ended;
    },
  };
}

async function keepListening(options: ListenOptions, signal: AbortSignal): Promise<void> {
  const { pool, log, onLost } = options;
  const isOver = () => signal.aborted;
  let failures = 0;
  while (!isOver()) {
    let client: PoolClient | undefined;
    try {
      client = await pool.connect();
      await listenOn(client, options, signal, () => {
        failures = 0;
      });
    } catch (error) {
      if (!isOver())
        log.warn(
          { event: 'people.changes_unheard', err: messageOf(error) },
          'Changes can not be listened for',
        );
    }
    // Destroyed: nobody else may get a connection that listens.
    client?.release(true);
    if (isOver()) return;
    onLost();
    await pause(backoffMs(growth, failures++, Math.random()), signal);
  }
}

/** Returns or throws once the connection is lost, or the signal aborted. */
async function listenOn(
  client: PoolClient,
  { onListening, onMessage }: ListenOptions,
  signal: AbortSignal,
  succeeded: () => void,
): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort();
  client.once('end', end);
  client.once('error', end);
  signal.addEventListener('abort', end);
  client.on('notification', ({ payload = '' }) => {
    const message = messageIn(payload);
    if (message !== null) onMessage(message);
  });
  try {
    await client.query(`LISTEN ${channel}`);
    succeeded();
    onListening();
    for (;;) {
      await pause(checkMs, over.signal);
      if (over.signal.aborted) return;
      await client.query('SELECT');
    }
  } finally {
    signal.removeEventListener('abort', end);
  }
}

const kinds = ['status', 'session', 'deleted'] as const;

function messageIn(payload: string): LiveMessage | null {
  const kind = kinds.find((one) => payload.startsWith(`${one}:`));
  return kind === undefined ? null : { kind, userId: payload.slice(kind.length + 1) };
}
