import { setTimeout as after } from 'node:timers/promises';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';

/** How long a read may wait for inboxes that were never counted. */
const patienceMs = 1_000;
const freshMs = 2_000;
/** A count stays good for this many times as long as it took, so that counting one inbox takes at most 2 % of the time … */
const rest = 50;
/** … as long as it isn't older than this. */
const stalestMs = 15_000;
const maxEntries = 20_000;

export interface PendingCounts {
  /** Counts those that were never counted, and begins to count again those that were counted too long ago. */
  refresh(integrationIds: readonly string[]): Promise<void>;
  /** The newest count. */
  of(integrationId: string): number | undefined;
}

/**
 * Counts of the inboxes that are too large to be counted at every look: a count costs as much as is kept. One that fails
 * or takes long holds up nobody's status.
 *
 * @param count counts one of them
 */
export function createPendingCounts(
  count: (integrationId: string) => Promise<number>,
  log: Logger,
): PendingCounts {
  const known = new Map<string, { count: number; until: number }>();
  const underWay = new Map<string, Promise<void>>();
  let recounting: Promise<void> | null = null;
  const dueAt = (id: string) => known.get(id)?.until ?? -Infinity;

  const countOne = (id: string): Promise<void> => {
    const counting = underWay.get(id) ?? counted(id).finally(() => underWay.delete(id));
    underWay.set(id, counting);
    return counting;
  };

  async function counted(id: string): Promise<void> {
    const began = performance.now();
    try {
      const result = await count(id);
      const now = performance.now();
      const goodForMs = Math.min(Math.max(freshMs, (now - began) * rest), stalestMs);
      known.set(id, { count: result, until: now + goodForMs });
    } catch (error) {
      log.warn(
        { event: 'people.deliveries_uncounted', integrationId: id, err: messageOf(error) },
        'Pending deliveries can not be counted',
      );
      const last = known.get(id);
      if (last !== undefined) last.until = performance.now() + stalestMs;
    }
  }

  /** So many at a time: the others of the pool's connections are for everybody else. */
  async function countAll(ids: readonly string[], lanes: number): Promise<void> {
    const left = [...ids];
    const lane = async () => {
      for (let id = left.shift(); id !== undefined; id = left.shift()) await countOne(id);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }

  return {
    refresh: async (integrationIds) => {
      if (known.size > maxEntries) known.clear();
      const now = performance.now();
      const isNew = (id: string) => !known.has(id);
      // The one that has waited longest first: each has its turn.
      const due = integrationIds.filter((id) => !isNew(id) && dueAt(id) <= now);
      due.sort((a, b) => dueAt(a) - dueAt(b));
      if (due.length > 0) {
        recounting ??= countAll(due, 1).finally(() => {
          recounting = null;
        });
      }
      const first = integrationIds.filter(isNew);
      if (first.length === 0) return;
      const over = new AbortController();
      const patience = after(patienceMs, undefined, { signal: over.signal }).catch(() => undefined);
      await Promise.race([countAll(first, 2), patience]);
      over.abort();
    },
    of: (id) => known.get(id)?.count,
  };
}
