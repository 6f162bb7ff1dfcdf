import type { Logger } from './log';

/** Something that may go wrong any number of times a second, and is worth one line at a time. */
export interface CountedWarning {
  add(details: object): void;
  /** Logs what is still only counted. */
  close(): void;
}

/** The first is logged at once; those of each interval after it as one line, with how many they were. */
export function createCountedWarning(
  log: Logger,
  message: string,
  intervalMs: number,
): CountedWarning {
  let count = 0;
  let last: object = {};
  let timer: NodeJS.Timeout | undefined;

  function say(): void {
    log.warn({ ...last, count }, message);
    count = 0;
    timer = setTimeout(next, intervalMs);
  }

  function next(): void {
    timer = undefined;
    if (count > 0) say();
  }

  return {
    add: (details) => {
      count++;
      last = details;
      if (timer === undefined) say();
    },
    close: () => {
      clearTimeout(timer);
      if (count > 0) log.warn({ ...last, count }, message);
      count = 0;
    },
  };
}
