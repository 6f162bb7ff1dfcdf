import type { Handling } from './handling';

const second = 1000;
const minute = 60 * second;

/** Before the second attempt, the third, … and the last one for as long as it goes on. */
export const retryDelaysMs: readonly number[] = [
  2 * second,
  10 * second,
  30 * second,
  2 * minute,
  5 * minute,
  10 * minute,
  20 * minute,
];

/** How long a destination has to fail before `delivery.failing` is sent. */
export const failingNoticeMs = 15 * minute;

/** So much of the whole time is kept for the last attempt, where the one before took less. */
const lastAttemptShare = 0.01;

export interface FailedAttempt {
  /** Which of the delivery's present chance, from 1. */
  attempt: number;
  durationMs: number;
  /** What it has used up of its time: its attempts, this one included, and the backoff after them. */
  usedMs: number;
  /** What the destination asked for. */
  retryAfterMs: number | null;
}

/**
 * How long to wait after a failed attempt: growing, up to a fifth more or less, and never less than the destination
 * asked for; but cut so that one more attempt, which may take as long as this one, ends within the time.
 *
 * @param delaysMs before the second attempt, the third, …
 * @param random from 0 to 1, as `Math.random` gives it
 * @returns whole milliseconds; null where the delivery is dead-lettered
 */
export function retryDelayMs(
  { attempt, durationMs, usedMs, retryAfterMs }: FailedAttempt,
  { maxAttempts, giveUpAfterSeconds }: Pick<Handling, 'maxAttempts' | 'giveUpAfterSeconds'>,
  delaysMs: readonly number[],
  random: () => number,
): number | null {
  const budgetMs = giveUpAfterSeconds * second;
  const latestMs = budgetMs - usedMs - Math.max(durationMs, budgetMs * lastAttemptShare);
  if (attempt >= maxAttempts || latestMs < 1) return null;
  const base = delaysMs[Math.min(attempt, delaysMs.length) - 1] ?? 0;
  const own = base * (0.8 + 0.4 * random());
  return Math.floor(Math.min(Math.max(own, retryAfterMs ?? 0), latestMs));
}
