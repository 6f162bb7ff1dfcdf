const second = 1000;
const minute = 60 * second;

/** Before the second attempt, the third, … Together under an hour, with the longest jitter too. */
const delaysMs: readonly number[] = [
  2 * second,
  10 * second,
  30 * second,
  2 * minute,
  5 * minute,
  10 * minute,
  20 * minute,
];

const longestRetryAfterMs = 60 * minute;

/** Whether a delivery that failed this often is set aside instead of being tried again. */
export function isExhausted(attempts: number): boolean {
  return attempts > delaysMs.length;
}

/**
 * How long to wait after a failed attempt: growing, up to a fifth more or less.
 * @param attempt the one that failed, from 1
 * @param retryAfterMs what the destination asked for, honoured up to an hour: never earlier
 * @param random from 0 to 1, as `Math.random` gives it
 * @returns whole milliseconds
 */
export function nextDelayMs(
  attempt: number,
  retryAfterMs: number | null,
  random: () => number,
): number {
  const base = delaysMs[Math.min(attempt, delaysMs.length) - 1] ?? 0;
  const own = base * (0.8 + 0.4 * random());
  return Math.round(Math.max(own, Math.min(retryAfterMs ?? 0, longestRetryAfterMs)));
}
