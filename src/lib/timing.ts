import { setTimeout as timeout } from 'node:timers/promises';

/** Waits that many milliseconds, or until the signal. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return timeout(ms, undefined, { signal }).catch(() => undefined);
}
