import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../lib/errors';
import { NotSeenError } from './not-seen';

export interface Awaited<T> {
  /** In words, for whom it doesn't come. */
  what: string;
  look: () => Promise<T>;
  isIt: (found: T) => boolean;
  describe: (found: T) => string;
}

const everyMs = 20;

/**
 * Looks until it is there.
 * @param patienceMs how long at most
 * @returns what was found
 * @throws NotSeenError
 */
export async function see<T>(
  patienceMs: number,
  { what, look, isIt, describe }: Awaited<T>,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    let instead: string;
    try {
      const found = await look();
      if (isIt(found)) return found;
      instead = describe(found);
    } catch (error) {
      instead = messageOf(error);
    }
    if (performance.now() >= deadline) throw new NotSeenError(what, instead);
    await sleep(everyMs);
  }
}

/** @throws NotSeenError where it doesn't stay so for that long */
export async function seeItStay<T>(
  forMs: number,
  { what, look, isIt, describe }: Awaited<T>,
): Promise<void> {
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    const found = await look();
    if (!isIt(found)) throw new NotSeenError(what, describe(found));
    await sleep(everyMs);
  }
}

/** @throws NotSeenError where it isn't so */
export function expect(isSo: boolean, awaited: string, instead: string): void {
  if (!isSo) throw new NotSeenError(awaited, instead);
}
