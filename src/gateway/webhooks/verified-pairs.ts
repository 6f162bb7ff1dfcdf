/** Which sources have lately sent a target what was verified. */
export interface VerifiedPairs {
  note(target: string, source: string): void;
  has(target: string, source: string): boolean;
}

const hourMs = 3_600_000;
const justNotedMs = 10_000;

interface Options {
  /** Milliseconds on a monotonic clock. */
  now?: () => number;
  /** Default 1,000: a sender with as many addresses is remembered whole. */
  maxSourcesOfOne?: number;
  /** Default 100,000. */
  maxPairs?: number;
}

/**
 * Bounded: what is too much goes from the target that has the most sources, whichever that was verified for longest ago. So
 * whoever can sign for one target, or for a thousand, pushes out the pairs of those, and none of a target with fewer.
 */
export function createVerifiedPairs(options: Options = {}): VerifiedPairs {
  const { maxSourcesOfOne = 1_000, maxPairs = 100_000 } = options;
  const { now = () => performance.now() } = options;
  /** The last one noted is the last in its map. */
  const targets = new Map<string, Map<string, number>>();
  /** By the number of its sources each target, the last one noted last: looking for the largest would cost each webhook. */
  const bySize: Set<string>[] = [];
  let count = 0;

  function changed(target: string, before: number, after: number): void {
    count += after - before;
    bySize[before]?.delete(target);
    while (bySize.length <= after) bySize.push(new Set());
    if (after > 0) bySize[after]?.add(target);
    else targets.delete(target);
    while (bySize.length > 0 && bySize.at(-1)?.size === 0) bySize.pop();
  }

  function dropOldest(target: string): void {
    const sources = targets.get(target);
    const [oldest] = sources?.keys() ?? [];
    if (sources === undefined || oldest === undefined) return;
    sources.delete(oldest);
    changed(target, sources.size + 1, sources.size);
  }

  return {
    note: (target, source) => {
      const sources = targets.get(target) ?? new Map<string, number>();
      // One that is noted with every webhook would cost each of them.
      if (now() - (sources.get(source) ?? -Infinity) < justNotedMs) return;
      targets.set(target, sources);
      const before = sources.size;
      sources.delete(source);
      sources.set(source, now());
      changed(target, before, sources.size);
      if (sources.size > maxSourcesOfOne) dropOldest(target);
      const [largest] = bySize.at(-1) ?? [];
      if (count > maxPairs && largest !== undefined) dropOldest(largest);
    },
    has: (target, source) => {
      const at = targets.get(target)?.get(source);
      return at !== undefined && now() - at < hourMs;
    },
  };
}
