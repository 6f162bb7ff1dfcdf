import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again until `check` passes.
 * @returns what it returned
 * @throws what it threw last, once `timeoutMs` is over
 */
export async function waitUntil<T>(
  check: () => Promise<T> | T,
  { timeoutMs, everyMs = 50 }: { timeoutMs: number; everyMs?: number },
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
      await sleep(everyMs);
    }
  }
}
