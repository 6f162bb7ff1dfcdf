import { log, setDefaultSignalHandler } from '@temporalio/workflow';

/** @param kept whether the signal's input was of use */
export function logUnusable(signal: string, kept: boolean): void {
  if (!kept) log.warn('a signal with unusable input was ignored', { signal });
}

/** Anyone can send any name by hand: it must not stop an actor. */
export function ignoreUnknownSignals(): void {
  setDefaultSignalHandler((signal) => log.warn('an unknown signal was ignored', { signal }));
}
