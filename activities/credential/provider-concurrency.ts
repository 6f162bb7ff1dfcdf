import { type ComeBackTimes, comeBackTimes } from '../../src/lib/come-back';

interface Share {
  held: number;
  turns: ComeBackTimes;
  /** How long the last work took. */
  lastMs: number;
}

export type Turn<Result> =
  { kind: 'done'; result: Result } | { kind: 'turned_away'; comeBackMs: number };

const limits = { shortestMs: 1_000, longestMs: 60_000, spread: [1, 2] } as const;

/**
 * Limits how many of a worker's slots one provider may hold: with one that hangs, the refreshes of all the others
 * would wait for its time-outs.
 *
 * @param random from 0 to 1
 */
export function providerShares(limit: number, random: () => number = Math.random) {
  const shares = new Map<string, Share>();
  const newShare = (): Share => ({
    held: 0,
    turns: comeBackTimes(limits, random, () => performance.now()),
    lastMs: limits.shortestMs,
  });

  return {
    /** Runs the work, or says at once when to come back where the provider has its share already. */
    async run<Result>(provider: string, work: () => Promise<Result>): Promise<Turn<Result>> {
      const share = shares.get(provider) ?? newShare();
      if (share.held >= limit) {
        return { kind: 'turned_away', comeBackMs: share.turns.next(limit, share.lastMs) };
      }
      shares.set(provider, share);
      share.held++;
      const from = performance.now();
      try {
        return { kind: 'done', result: await work() };
      } finally {
        share.lastMs = performance.now() - from;
        share.held--;
        if (share.held === 0) shares.delete(provider);
      }
    },
  };
}
