/**
 * Limits how many of a worker's slots one provider may hold: with one that hangs, the refreshes of all the others
 * would wait for its time-outs.
 */
export function providerShares(limit: number) {
  const held = new Map<string, number>();
  return {
    /** Runs the work, or answers undefined at once where the provider has its share already. */
    async run<Result>(provider: string, work: () => Promise<Result>): Promise<Result | undefined> {
      const count = held.get(provider) ?? 0;
      if (count >= limit) return undefined;
      held.set(provider, count + 1);
      try {
        return await work();
      } finally {
        const left = (held.get(provider) ?? 1) - 1;
        if (left === 0) held.delete(provider);
        else held.set(provider, left);
      }
    },
  };
}
