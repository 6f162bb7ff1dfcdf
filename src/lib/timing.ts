import { setTimeout as timeout } from 'node:timers/promises';

/** Waits that many milliseconds, or until the signal. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return timeout(ms, undefined, { signal }).catch(() => undefined);
}

/** @returns undefined if it takes longer; the promise goes on, and its rejection must be handled */
export async function waitAtMost<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([promise, tooLate]).finally(() => clearTimeout(timer));
}
