/** How old a count of an inbox may be, milliseconds. */
const freshMs = 1_000;
/** And of one that keeps less than half of what it may: counting costs as much as is kept. */
const longestCalmMs = 10_000;
/** As many gateways at once may fill it. */
const gateways = 8;
const maxEntries = 50_000;

export interface KnownFullOptions {
  /** Deliveries that an integration may keep. */
  keepLimit: number;
  /** Deliveries of an integration that one gateway takes. */
  ratePerSecond: number;
  /** Milliseconds on a monotonic clock. */
  now?: () => number;
}

/** Which integrations' inboxes were found full, for as long as a count holds. */
export interface KnownFull {
  /** What a batch for these integrations has to count, and what it needn't. */
  sort(integrationIds: Iterable<string>): { toCount: string[]; full: string[] };
  note(counted: readonly string[], found: Record<'full' | 'halfFull', ReadonlySet<string>>): void;
}

export function createKnownFull(options: KnownFullOptions): KnownFull {
  const { keepLimit, ratePerSecond, now = () => performance.now() } = options;
  const known = new Map<string, { until: number; full: boolean }>();
  // The other half can't be filled sooner than this.
  const toFillMs = (keepLimit / 2 / (ratePerSecond * gateways)) * 1_000;
  const calmMs = Math.min(Math.max(toFillMs, freshMs), longestCalmMs);

  return {
    sort: (integrationIds) => {
      const sorted = { toCount: [] as string[], full: [] as string[] };
      for (const id of new Set(integrationIds)) {
        const entry = known.get(id);
        if (entry === undefined || now() >= entry.until) sorted.toCount.push(id);
        else if (entry.full) sorted.full.push(id);
      }
      return sorted;
    },
    note: (counted, { full, halfFull }) => {
      if (known.size > maxEntries) known.clear();
      for (const id of counted) {
        const until = now() + (halfFull.has(id) ? freshMs : calmMs);
        known.set(id, { until, full: full.has(id) });
      }
    },
  };
}
