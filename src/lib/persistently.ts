import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../../workflows/rules';

const growth = { firstMs: 50, longestMs: 2_000 };

interface Persistence {
  /** Whether an error would come again however often it is tried. */
  isHopeless: (error: unknown) => boolean;
  /** The process stops: what fails for `graceMs` more is given up. */
  signal?: AbortSignal | undefined;
  /** Milliseconds. Default: ten minutes, longer than a failover. */
  limitMs?: number;
  /** Milliseconds. Default: 5 s. */
  graceMs?: number;
}

/** Tries again until it works or there is no hope or time left. @throws the last error */
export async function persistently<T>(
  work: () => Promise<T>,
  { isHopeless, signal, limitMs = 10 * 60_000, graceMs = 5_000 }: Persistence,
): Promise<T> {
  let until = performance.now() + limitMs;
  const hurry = () => (until = Math.min(until, performance.now() + graceMs));
  if (signal?.aborted === true) hurry();
  signal?.addEventListener('abort', hurry, { once: true });
  try {
    for (let failures = 0; ; failures++) {
      try {
        return await work();
      } catch (error) {
        const pauseMs = backoffMs(growth, failures);
        if (isHopeless(error) || performance.now() + pauseMs > until) throw error;
        await delay(pauseMs);
      }
    }
  } finally {
    signal?.removeEventListener('abort', hurry);
  }
}
