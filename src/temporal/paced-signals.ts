import { setTimeout as timeout } from 'node:timers/promises';
import { messageOf } from '../lib/errors';

/** Signals at once. */
const atOnce = 50;
/** Between such parts, at least: what they wake begins to work. */
const pauseMs = 250;

/**
 * Signals many actors, some at a time, so that those who wake together are no stampede, and with pauses as long as Temporal
 * takes for each part, so that half of its time is left to others. One that can't be signalled keeps
 * nobody from it.
 *
 * @returns what sending failed with, in no order
 */
export async function signalPaced<To>(
  all: readonly To[],
  signal: (to: To) => Promise<void>,
): Promise<Error[]> {
  const failures: Error[] = [];
  const noted = (error: unknown) =>
    void failures.push(error instanceof Error ? error : new Error(messageOf(error)));
  let tookMs = 0;
  for (let from = 0; from < all.length; from += atOnce) {
    if (from > 0) await timeout(Math.max(pauseMs, tookMs));
    const sentAt = performance.now();
    await Promise.all(all.slice(from, from + atOnce).map((to) => signal(to).catch(noted)));
    tookMs = performance.now() - sentAt;
  }
  return failures;
}
