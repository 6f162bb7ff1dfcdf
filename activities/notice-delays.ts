const firstMs = 2_000;
const longestMs = 10 * 60_000;
const giveUpMs = 3 * 24 * 60 * 60_000;

/** 2 s doubling to 10 min, less up to a fifth. @param random from 0 to 1 */
export function noticeDelayMs(attempts: number, random: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(attempts, 20)) * (1 - 0.2 * random);
}

/** A receiver that is away for three days is not waited for any longer. */
export function noticeIsTooOld(createdAt: Date, now: Date): boolean {
  return now.getTime() - createdAt.getTime() > giveUpMs;
}
