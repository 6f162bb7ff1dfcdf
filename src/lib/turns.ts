export type Turns = <T>(key: string, signal: AbortSignal, run: () => Promise<T>) => Promise<T>;

/**
 * Lets so many of one key run at once. The others wait for their turn, in order.
 * @throws the signal's reason where it is aborted before their turn has come
 */
export function createTurns(atOnce: number): Turns {
  const lines = new Map<string, { running: number; waiting: Set<() => void> }>();

  return async (key, signal, run) => {
    signal.throwIfAborted();
    const line = lines.get(key) ?? { running: 0, waiting: new Set() };
    lines.set(key, line);
    if (line.running < atOnce) line.running++;
    else await turnIn(line.waiting, signal);
    try {
      return await run();
    } finally {
      const [next] = line.waiting;
      if (next !== undefined) next();
      else if (--line.running === 0) lines.delete(key);
    }
  };
}

/** Whoever ends hands its place on, so that nobody takes it in between. */
function turnIn(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      waiting.delete(begin);
      reject(signal.reason as Error);
    };
    const begin = () => {
      waiting.delete(begin);
      signal.removeEventListener('abort', giveUp);
      resolve();
    };
    waiting.add(begin);
    signal.addEventListener('abort', giveUp, { once: true });
  });
}
