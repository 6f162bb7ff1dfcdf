import { setTimeout as delay } from 'node:timers/promises';

const limitMs = 10 * 60_000;

/** Tries again, with pauses up to 2 s, for ten minutes: longer than a failover. @throws the last error */
export async function persistently<T>(work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, 2_000)) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() - started + pauseMs > limitMs) throw error;
      await delay(pauseMs);
    }
  }
}
