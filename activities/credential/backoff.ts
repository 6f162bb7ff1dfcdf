import { backoffMs } from '../../workflows/rules';

const growth = { firstMs: 5_000, longestMs: 20 * 60_000, jitter: 0.2 };

/**
 * How long a credential waits after a failure that may pass; never shorter than what the provider asked for.
 *
 * @param failures how many went before in a row
 * @param random from 0 to 1
 */
export function refreshBackoffMs(
  failures: number,
  retryAfterMs: number | undefined,
  random: number,
): number {
  return Math.max(backoffMs(growth, failures, random), retryAfterMs ?? 0);
}
