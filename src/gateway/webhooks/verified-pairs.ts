/** Which sources have lately sent a target what was verified. */
export interface VerifiedPairs {
  note(target: string, source: string): void;
  has(target: string, source: string): boolean;
}

const hourMs = 3_600_000;

interface Options {
  /** Milliseconds on a monotonic clock. */
  now?: () => number;
  /** Default 1,000: a sender with as many addresses is remembered whole. */
  maxSourcesOfOne?: number;
  /** Default 100,000. */
  maxPairs?: number;
}

/**
 * Bounded: of a target's sources the one that was verified longest ago goes first, so that whoever can sign for one target
 * pushes out no other's; of all targets the one for which nothing has been verified for the longest time.
 */
export function createVerifiedPairs(options: Options = {}): VerifiedPairs {
  const { maxSourcesOfOne = 1_000, maxPairs = 100_000 } = options;
  const { now = () => performance.now() } = options;
  const targets = new Map<string, Map<string, number>>();
  let count = 0;

  /** The last one noted is the last in its map. */
  function sourcesOf(target: string): Map<string, number> {
    const sources = targets.get(target) ?? new Map<string, number>();
    targets.delete(target);
    targets.set(target, sources);
    return sources;
  }

  return {
    note: (target, source) => {
      const sources = sourcesOf(target);
      if (!sources.delete(source)) count++;
      sources.set(source, now());
      if (sources.size > maxSourcesOfOne) {
        const [oldest] = sources.keys();
        if (oldest !== undefined && sources.delete(oldest)) count--;
      }
      const [first] = targets;
      if (count > maxPairs && first !== undefined && targets.delete(first[0])) {
        count -= first[1].size;
      }
    },
    has: (target, source) => {
      const at = targets.get(target)?.get(source);
      return at !== undefined && now() - at < hourMs;
    },
  };
}
