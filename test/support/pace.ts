import { setTimeout as delay } from 'node:timers/promises';

/**
 * Holds senders to a rate by the clock, from now on: what was late, as while nobody answered, is made up for at once.
 * @returns waits until it is the turn of the one with this number; the first is 0, and is not waited for
 */
export function createPace(perSecond: number): (number: number) => Promise<void> {
  const startedAt = performance.now();
  return async (number) => {
    const aheadMs = startedAt + (number * 1000) / perSecond - performance.now();
    if (aheadMs > 0) await delay(aheadMs);
  };
}
