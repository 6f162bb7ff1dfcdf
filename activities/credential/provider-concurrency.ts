interface Share {
  held: number;
  /** When those who were turned away come back. */
  turns: number[];
  /** How long the last work took. */
  lastMs: number;
}

export type Turn<Result> =
  { kind: 'done'; result: Result } | { kind: 'turned_away'; comeBackMs: number };

const shortestMs = 1_000;
const longestMs = 60_000;

/**
 * Limits how many of a worker's slots one provider may hold: with one that hangs, the refreshes of all the others
 * would wait for its time-outs. Those who are turned away come back about when it is their turn: thousands who ask
 * every second would be a storm of their own.
 *
 * @param random from 0 to 1
 */
export function providerShares(limit: number, random: () => number = Math.random) {
  const shares = new Map<string, Share>();

  function turnedAway(share: Share): number {
    const now = performance.now();
    share.turns = share.turns.filter((at) => at > now);
    const rounds = Math.ceil((share.turns.length + 1) / limit);
    const waitMs = Math.min(Math.max(rounds * share.lastMs, shortestMs), longestMs);
    const comeBackMs = waitMs * (1 + random());
    share.turns.push(now + comeBackMs);
    return comeBackMs;
  }

  return {
    /** Runs the work, or says at once when to come back where the provider has its share already. */
    async run<Result>(provider: string, work: () => Promise<Result>): Promise<Turn<Result>> {
      const share = shares.get(provider) ?? { held: 0, turns: [], lastMs: shortestMs };
      if (share.held >= limit) return { kind: 'turned_away', comeBackMs: turnedAway(share) };
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
