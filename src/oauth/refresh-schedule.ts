import type { GrantEnd } from './grant-end';

const dayMs = 24 * 60 * 60 * 1000;
const maxMarginMs = dayMs;
/** An outage of the provider's, or of this installation, must not outlast what is left of a grant. */
const maxGrantMarginMs = 3 * dayMs;
/** A token with less than this left is not worth sending: short ones are renewed before that. */
export const minMarginMs = 5_000;

/**
 * When a credential is refreshed ahead of time: 10 % of its lifetime before it ends, but at least 5 s (or a
 * quarter of a lifetime under 20 s) and at most a day, and up to as much again earlier, so that tokens issued
 * together aren't renewed together. Likewise, at most three days ahead, before an end that a refresh moves.
 *
 * @param expiresAt undefined where the provider doesn't say
 * @param random from 0 to 1
 * @param end of the grant
 * @returns undefined where nothing is refreshed by the clock
 */
export function refreshAt(
  obtainedAt: Date,
  expiresAt: Date | undefined,
  random: number,
  end: GrantEnd | null = null,
): Date | undefined {
  const before = (at: Date, longestMs: number): number => {
    const lifetimeMs = Math.max(0, at.getTime() - obtainedAt.getTime());
    const leastMs = Math.min(lifetimeMs * 0.25, minMarginMs);
    const marginMs = Math.min(Math.max(lifetimeMs * 0.1, leastMs), longestMs) * (1 + random);
    return at.getTime() - marginMs;
  };
  const times = [
    ...(expiresAt === undefined ? [] : [before(expiresAt, maxMarginMs)]),
    ...(end === null || end.isFixed ? [] : [before(end.at, maxGrantMarginMs)]),
  ];
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}
