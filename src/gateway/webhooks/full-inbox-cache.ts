import type { KeepLimits, Kept } from '../../db/queries/deliveries/accept';

/** How long a count holds of an inbox that keeps nothing, milliseconds. */
const longestMs = 10_000;
/** And of a full one: its sender is taken again so soon after there is room. */
const fullMs = 1_000;
/** However little is left, it is not counted for every statement: counting costs as much as is pending. */
const shortestMs = { empty: 5, full: 100 };
/** As many gateways at once may fill it. */
const gateways = 8;
const maxEntries = 50_000;
const nearlyFull = 0.9;

export const nothing: Kept = { pending: 0, bytes: 0, droppable: false };

/** Whether those who can be refused are. Where ended bodies can go, they are stored in their place. */
export const isFull = ({ pending, bytes, droppable }: Kept, limits: KeepLimits): boolean =>
  pending >= limits.keepLimit || bytes >= (droppable ? 2 : 1) * limits.keepLimitBytes;

/** Whether ended bodies have to go. */
export const isNearlyFull = ({ bytes }: Kept, { keepLimitBytes }: KeepLimits): boolean =>
  bytes >= nearlyFull * keepLimitBytes;

/** What decides stands at the limit and at twice that. @returns how much is left to the next; past both nothing changes */
function left(kept: number, limit: number): number {
  if (kept < limit) return limit - kept;
  return kept < 2 * limit ? 2 * limit - kept : Infinity;
}

const leastMs = ({ pending }: Kept, { keepLimit }: KeepLimits): number =>
  Math.max(shortestMs.empty, shortestMs.full * Math.min(1, pending / keepLimit));

/** How long a count is believed, milliseconds: the shorter, the less of either limit is left. */
export function trustMs(kept: Kept, limits: KeepLimits): number {
  const { pending, bytes, droppable } = kept;
  const { keepLimit, keepLimitBytes } = limits;
  const least = leastMs(kept, limits);
  // Room is being made.
  if (droppable) return least;
  const isBelow = pending < keepLimit && bytes < keepLimitBytes;
  const share = Math.min(
    left(pending, keepLimit) / keepLimit,
    left(bytes, keepLimitBytes) / keepLimitBytes,
  );
  return Math.max(least, Math.min(longestMs * share, isBelow ? longestMs : fullMs));
}

interface Count {
  kept: Kept;
  at: number;
  /** What this process has stored since it was asked for. */
  since: { pending: number; bytes: number };
}

interface FullInboxCacheOptions extends KeepLimits {
  /** Milliseconds on a monotonic clock. */
  now?: () => number;
}

/** What integrations' inboxes were found to keep, for as long as a count holds. */
interface FullInboxCache {
  /** What a batch with deliveries for these has to count, and which are known to be full. */
  sort(integrationIds: readonly string[]): { toCount: string[]; full: Map<string, Kept> };
  /** Notes a count. */
  note(integrationId: string, kept: Kept): void;
  /** Notes a delivery that was stored. */
  add(integrationId: string, bytes: number): void;
}

export function createFullInboxCache(options: FullInboxCacheOptions): FullInboxCache {
  const { keepLimit, keepLimitBytes, now = () => performance.now() } = options;
  const known = new Map<string, Count>();

  function holds({ kept, at, since }: Count): boolean {
    const bytesLeft = left(kept.bytes, keepLimitBytes);
    const ageMs = now() - at;
    if (since.bytes >= bytesLeft || ageMs >= trustMs(kept, options)) return false;
    // The rest is filled by so much, if as much comes to each of the others.
    const others = { pending: gateways * since.pending, bytes: gateways * since.bytes };
    const isFarFrom = others.pending < left(kept.pending, keepLimit) && others.bytes < bytesLeft;
    return isFarFrom || ageMs < leastMs(kept, options);
  }

  return {
    sort: (integrationIds) => {
      const toCount: string[] = [];
      const full = new Map<string, Kept>();
      if (known.size > maxEntries) known.clear();
      for (const id of new Set(integrationIds)) {
        const count = known.get(id);
        if (count !== undefined && holds(count)) {
          const kept = { ...count.kept, bytes: count.kept.bytes + count.since.bytes };
          if (kept.pending >= keepLimit || kept.bytes >= keepLimitBytes) full.set(id, kept);
          continue;
        }
        toCount.push(id);
        // What is stored from now on, the count doesn't see.
        known.set(id, {
          ...{ kept: count?.kept ?? nothing, at: count?.at ?? -Infinity },
          since: { pending: 0, bytes: 0 },
        });
      }
      return { toCount, full };
    },
    note: (id, kept) => {
      const count = known.get(id);
      if (count !== undefined) known.set(id, { ...count, kept, at: now() });
    },
    add: (id, bytes) => {
      const count = known.get(id);
      if (count === undefined) return;
      count.since.pending++;
      count.since.bytes += bytes;
    },
  };
}
