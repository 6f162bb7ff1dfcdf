const firstMs = 2_000;
const longestMs = 10 * 60_000;

/** How often in a row the receiver has not taken a notice, and what it asked for. */
interface Untaken {
  /** From 1. */
  attempt: number;
  /** Of the header `Retry-After`. */
  retryAfterMs: number | undefined;
}

/** 2 s doubling to 10 min, less up to a fifth; never less than the receiver asked for. @param random from 0 to 1 */
export function noticeDelayMs({ attempt, retryAfterMs = 0 }: Untaken, random: number): number {
  const own = Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 20)) * (1 - 0.2 * random);
  return Math.max(own, retryAfterMs);
}

/** The 1st, 2nd, 4th, 8th …: days of a receiver that is away are no flood of lines. */
export const isWorthALine = (attempt: number): boolean => Number.isInteger(Math.log2(attempt));
