/** The rules that actors and processes share: pure, without the SDK, Node or a database. */

/** How a delay grows from failure to failure. */
export interface Growth {
  firstMs: number;
  longestMs: number;
  /** So much of a delay may be taken off at random, from 0 to 1, so that many don't return at once. */
  jitter?: number;
}

/**
 * Exponential backoff: the first delay, doubling with each failure up to the longest.
 *
 * @param failures how many went before in a row, from 0
 * @param random from 0 to 1, as `Math.random` gives it
 * @returns milliseconds
 */
export function backoffMs(
  { firstMs, longestMs, jitter = 0 }: Growth,
  failures: number,
  random = 0,
): number {
  const grown = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 30));
  return grown * (1 - jitter * random);
}
