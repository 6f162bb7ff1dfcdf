import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../../workflows/rules';

const limitMs = 10 * 60_000;
const growth = { firstMs: 50, longestMs: 2_000 };

/** Tries again for ten minutes: longer than a failover. @throws the last error */
export async function persistently<T>(work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  for (let failures = 0; ; failures++) {
    try {
      return await work();
    } catch (error) {
      const pauseMs = backoffMs(growth, failures);
      if (performance.now() - started + pauseMs > limitMs) throw error;
      await delay(pauseMs);
    }
  }
}
