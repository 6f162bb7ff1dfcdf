/** How often something may happen in a second, for each key of its own. */
export interface PerSecond {
  /** @returns false where the key has had its share of this second */
  take(key: string, count?: number): boolean;
}

/**
 * Counts in windows of a second, so that no more is remembered than who came in one. A key that has anything left may
 * take more than that at once: what comes together isn't torn.
 *
 * @param now milliseconds on a monotonic clock
 */
export function perSecond(limit: number, now: () => number = () => performance.now()): PerSecond {
  const counts = new Map<string, number>();
  let window = 0;

  return {
    take: (key, count = 1) => {
      const current = Math.floor(now() / 1_000);
      if (current !== window) {
        window = current;
        counts.clear();
      }
      const taken = counts.get(key) ?? 0;
      if (taken >= limit) return false;
      counts.set(key, taken + count);
      return true;
    },
  };
}
