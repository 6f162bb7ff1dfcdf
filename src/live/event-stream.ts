import type { ServerResponse } from 'node:http';

/** What a reader that stopped reading may still miss before it is given up. */
const maxMissedBeats = 3;
/** How long the last bytes may take. */
const lastMs = 2_000;
const heartbeat = ':\n\n';

/**
 * Server-sent events (HTML standard, section 9.2) on one connection. Of a reader that doesn't read only the latest
 * event waits, beside what the system and Node have already taken.
 */
export interface EventStream {
  send(event: Buffer): void;
  /** A comment, by which the reader knows that the connection still stands. */
  beat(): void;
  /** @param retryMs when the reader had better come back */
  end(retryMs?: number): void;
}

/** @param response with its head sent */
export function createEventStream(response: ServerResponse): EventStream {
  let isFull = false;
  let missedBeats = 0;
  let waiting: Buffer | null = null;

  const write = (bytes: Buffer | string) => {
    isFull = !response.write(bytes);
  };
  response.on('drain', () => {
    isFull = false;
    missedBeats = 0;
    if (waiting === null) return;
    const event = waiting;
    waiting = null;
    write(event);
  });

  return {
    send: (event) => {
      if (isFull) waiting = event;
      else write(event);
    },
    beat: () => {
      if (!isFull) write(heartbeat);
      else if (++missedBeats >= maxMissedBeats) response.destroy();
    },
    end: (retryMs) => {
      if (isFull) {
        response.destroy();
        return;
      }
      response.end(retryMs === undefined ? '' : `retry: ${Math.round(retryMs)}\n\n`);
      const timer = setTimeout(() => response.destroy(), lastMs);
      response.once('close', () => clearTimeout(timer));
    },
  };
}
