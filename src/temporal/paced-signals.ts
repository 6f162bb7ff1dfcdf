import { setTimeout as timeout } from 'node:timers/promises';
import { messageOf } from '../lib/errors';

/** Signals at once. */
const atOnce = 50;
/** Between such parts: what they wake begins to work. */
const pauseMs = 250;

/**
 * Signals many actors, some at a time, so that those who wake together are no stampede. One that can't be signalled keeps
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
  for (let from = 0; from < all.length; from += atOnce) {
    if (from > 0) await timeout(pauseMs);
    await Promise.all(all.slice(from, from + atOnce).map((to) => signal(to).catch(noted)));
  }
  return failures;
}
