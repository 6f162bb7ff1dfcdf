/** Longer waits are cut to this: a mistaken header must not silence a credential for ever. */
const longestMs = 24 * 60 * 60 * 1000;

/**
 * `Retry-After` (RFC 9110 section 10.2.3), as seconds or as an HTTP date.
 * @returns milliseconds from `now`, at most a day; `undefined` where there is nothing to go by
 */
export function retryAfterMs(header: string | undefined, now: Date): number | undefined {
  const value = header?.trim();
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, longestMs);
  // Every form of an HTTP date has a time; Date.parse alone would take "2" or "May" as well.
  if (!/^[A-Z][a-z]+,? .*\d\d:\d\d:\d\d/.test(value)) return undefined;
  const at = Date.parse(value);
  if (Number.isNaN(at)) return undefined;
  return Math.min(Math.max(at - now.getTime(), 0), longestMs);
}
