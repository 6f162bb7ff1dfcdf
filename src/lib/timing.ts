import { setTimeout as timeout } from 'node:timers/promises';

/** Waits that many milliseconds, or until the signal. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return timeout(ms, undefined, { signal }).catch(() => undefined);
}

/** Something that goes on beside a process's work. */
export interface Keeper {
  /** Settles once what is under way has ended. */
  stop(): Promise<void>;
}

/**
 * Makes one pass after another until it is stopped.
 * @param pass must not fail; says how many milliseconds until the next one, null where there is none
 */
export function keepPassing(pass: (signal: AbortSignal) => Promise<number | null>): Keeper {
  const stopping = new AbortController();
  const { signal } = stopping;

  async function keep(): Promise<void> {
    while (!signal.aborted) {
      const waitMs = await pass(signal);
      if (waitMs === null) return;
      await pause(waitMs, signal);
    }
  }

  const ended = keep();
  return {
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
}

/** @returns undefined if it takes longer; the promise goes on, and its rejection must be handled */
export async function waitAtMost<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([promise, tooLate]).finally(() => clearTimeout(timer));
}
