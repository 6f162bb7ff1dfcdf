import { refusal, type Refusal } from './scheme';

/**
 * Plain decimal digits only: `parseInt` and `Number` would also take `1795237069abc` or `0x6b`,
 * and then the time that was checked is not the text that was signed.
 */
const plainDigits = /^[0-9]{1,15}$/;

/**
 * @param timestamp as written in the request
 * @returns a refusal where it is malformed, or further from now than the tolerance either way
 */
export function checkTimestamp(
  timestamp: string,
  unit: 'seconds' | 'milliseconds',
  toleranceSeconds: number,
  nowMs: number,
): Refusal | null {
  if (!plainDigits.test(timestamp)) return refusal('malformed_timestamp');
  const seconds = unit === 'seconds' ? Number(timestamp) : Math.floor(Number(timestamp) / 1000);
  const ageSeconds = Math.floor(nowMs / 1000) - seconds;
  if (ageSeconds > toleranceSeconds) return refusal('stale_timestamp');
  if (-ageSeconds > toleranceSeconds) return refusal('future_timestamp');
  return null;
}
