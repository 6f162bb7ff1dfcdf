const firstMs = 5_000;
const longestMs = 20 * 60_000;

/**
 * How long a credential waits after a failure that may pass: 5 s doubling to 20 min, less up to a fifth so
 * that many don't return at once; never shorter than what the provider asked for.
 *
 * @param failures how many went before in a row
 * @param random from 0 to 1
 */
export function refreshBackoffMs(
  failures: number,
  retryAfterMs: number | undefined,
  random: number,
): number {
  const growing = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 20));
  return Math.max(growing * (1 - 0.2 * random), retryAfterMs ?? 0);
}
