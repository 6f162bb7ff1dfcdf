const maxMarginMs = 24 * 60 * 60 * 1000;
/** A token with less than this left is not worth sending: short ones are renewed before that. */
export const minMarginMs = 5_000;

/**
 * When a credential is refreshed ahead of time: 10 % of its lifetime before it ends, but at least 5 s (or a
 * quarter of a lifetime under 20 s) and at most a day, and up to as much again earlier, so that tokens issued
 * together aren't renewed together.
 *
 * @param expiresAt undefined where the provider doesn't say: then nothing is refreshed by the clock
 * @param random from 0 to 1
 */
export function refreshAt(
  obtainedAt: Date,
  expiresAt: Date | undefined,
  random: number,
): Date | undefined {
  if (expiresAt === undefined) return undefined;
  const lifetimeMs = Math.max(0, expiresAt.getTime() - obtainedAt.getTime());
  const leastMs = Math.min(lifetimeMs * 0.25, minMarginMs);
  const marginMs = Math.min(Math.max(lifetimeMs * 0.1, leastMs), maxMarginMs) * (1 + random);
  return new Date(expiresAt.getTime() - marginMs);
}
