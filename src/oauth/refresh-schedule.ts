const maxMarginMs = 24 * 60 * 60 * 1000;

/**
 * When a credential is refreshed ahead of time: between 20 % and 10 % of its lifetime before it ends, at
 * most two days, spread so that tokens issued together aren't renewed together.
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
  const marginMs = Math.min(lifetimeMs * 0.1, maxMarginMs) * (1 + random);
  return new Date(expiresAt.getTime() - marginMs);
}
