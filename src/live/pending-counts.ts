/** How long counting the larger inboxes may hold up one read, beyond the first of them. */
const budgetMs = 100;
const freshMs = 2_000;
/** A count stays good for this many times as long as it took: so counting one inbox takes at most 2 % of the time. */
const rest = 50;
const maxEntries = 20_000;

export interface PendingCounts {
  /** Counts some of those that were never counted, or too long ago; always at least one. */
  refresh(integrationIds: readonly string[]): Promise<void>;
  /** The newest count, however old. */
  of(integrationId: string): number | undefined;
}

/**
 * Counts of the inboxes that are too large to be counted at every look: a count costs as much as is kept.
 * @param count counts one of them
 */
export function createPendingCounts(
  count: (integrationId: string) => Promise<number>,
): PendingCounts {
  const known = new Map<string, { count: number; until: number }>();
  const dueAt = (id: string) => known.get(id)?.until ?? -Infinity;

  return {
    refresh: async (integrationIds) => {
      const began = performance.now();
      if (known.size > maxEntries) known.clear();
      const due = integrationIds.filter((id) => dueAt(id) <= began);
      // The one that has waited longest first: with more than the time is enough for, each has its turn.
      due.sort((a, b) => dueAt(a) - dueAt(b));
      for (const id of due) {
        const started = performance.now();
        const counted = await count(id);
        const now = performance.now();
        known.set(id, { count: counted, until: now + Math.max(freshMs, (now - started) * rest) });
        if (now - began > budgetMs) return;
      }
    },
    of: (id) => known.get(id)?.count,
  };
}
