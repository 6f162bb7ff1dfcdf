/** How old a count of an inbox may be, milliseconds. */
const freshMs = 1_000;
const maxEntries = 50_000;

/** Which integrations' inboxes were found full, for as long as a count holds. */
export interface KnownFull {
  /** What a batch for these integrations has to count, and what it needn't. */
  sort(integrationIds: Iterable<string>): { toCount: string[]; full: string[] };
  note(counted: readonly string[], full: ReadonlySet<string>): void;
}

/** @param now milliseconds on a monotonic clock */
export function createKnownFull(now: () => number = () => performance.now()): KnownFull {
  const known = new Map<string, { countedAt: number; full: boolean }>();

  return {
    sort: (integrationIds) => {
      const sorted = { toCount: [] as string[], full: [] as string[] };
      for (const id of new Set(integrationIds)) {
        const entry = known.get(id);
        if (entry === undefined || now() - entry.countedAt >= freshMs) sorted.toCount.push(id);
        else if (entry.full) sorted.full.push(id);
      }
      return sorted;
    },
    note: (counted, full) => {
      if (known.size > maxEntries) known.clear();
      for (const id of counted) known.set(id, { countedAt: now(), full: full.has(id) });
    },
  };
}
