const firstMs = 500;
const longestMs = 30_000;
/** What a sender may ask for at most: a person waits. */
const longestAskedMs = 60_000;

/**
 * How long to wait before another try, in ms: doubling, and spread, so that all pages of a gateway that was restarted
 * don't come back in the same moment.
 *
 * @param failures how many tries in a row brought nothing; 0 for a stream that ended after it had worked
 * @param askedMs what the gateway asked for (`retry:`, `Retry-After`)
 * @param random from 0 to 1
 */
export function reconnectDelay(failures: number, askedMs: number | null, random: number): number {
  const grown = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 10));
  const spread = grown * (0.5 + random / 2);
  return Math.max(spread, Math.min(askedMs ?? 0, longestAskedMs) * (0.9 + random / 5));
}

/** @returns ms, of `Retry-After` in seconds or as a date (RFC 9110, 10.2.3); null where there is none */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
