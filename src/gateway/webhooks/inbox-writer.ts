import { isRowFault } from '../../db/error-classes';
import type { Pool } from '../../db/pool';
import { acceptDeliveries } from '../../db/queries/deliveries/accept';
import type { AcceptResult, NewDelivery } from '../../db/queries/deliveries/new-delivery';

const maxRows = 200;
const maxBytes = 8 * 1024 * 1024;
/** Beyond these even one request's events are divided. */
const mostRows = 2_000;
const mostBytes = 32 * 1024 * 1024;
/** Statements in flight at once: one is parsed while the other commits. */
export const inboxConnections = 2;

interface Waiting {
  delivery: NewDelivery;
  resolve(result: AcceptResult): void;
  reject(error: unknown): void;
}

/** Deliveries with one key that are in flight together. */
interface Group {
  first: Waiting;
  repeats: Waiting[];
}

/** What repeats are told once the first is durable; of what is discarded each one is. */
const repeated = (first: AcceptResult): AcceptResult =>
  typeof first === 'string' || first.outcome === 'discarded'
    ? first
    : { id: first.id, outcome: 'duplicate' };

/** Stores deliveries; those that are in flight together share one statement and one commit. */
export interface InboxWriter {
  /**
   * Settles once the delivery is durable.
   *
   * @throws the database's error: then the row may or may not be there, and the sender has to ask again
   */
  readonly write: (delivery: NewDelivery) => Promise<AcceptResult>;
}

interface InboxWriterOptions {
  /** Pending deliveries that one integration may have. */
  keepLimit: number;
  /** Deliveries of one integration that are let in; default: any number. */
  ratePerSecond?: number;
  /** Called when a count finds an integration's inbox full: once a second, for as long as webhooks come. */
  onFull?: (integrationId: string) => void;
}

/** @param pool at least as many connections as there are statements in flight */
export function createInboxWriter(
  pool: Pool,
  { keepLimit, ratePerSecond = Infinity, onFull = () => undefined }: InboxWriterOptions,
): InboxWriter {
  const queue: Waiting[] = [];
  const fullInboxes = createFullInboxCache({ keepLimit, ratePerSecond });
  let inFlight = 0;

  /** Ends between two requests: the rest of one, in another statement at the same time, could come before its beginning. */
  function takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { delivery } of queue) {
      bytes += delivery.body.length + delivery.headers.length;
      const isFull = count >= maxRows || bytes > maxBytes;
      const isTooMuch = count >= mostRows || bytes > mostBytes;
      if (count > 0 && (isTooMuch || (isFull && delivery.position === 0))) break;
      count++;
    }
    return queue.splice(0, count);
  }

  function pump(): void {
    while (inFlight < inboxConnections && queue.length > 0) {
      inFlight++;
      void store(foldRepeats(takeBatch())).finally(() => {
        inFlight--;
        pump();
      });
    }
  }

  async function store(groups: readonly Group[]): Promise<void> {
    try {
      const batch = groups.map(({ first }) => first.delivery);
      const sorted = fullInboxes.sort(batch.map(({ integrationId }) => integrationId));
      const { results, full, halfFull } = await acceptDeliveries(pool, batch, {
        limit: keepLimit,
        ...sorted,
      });
      fullInboxes.note(sorted.toCount, { full, halfFull });
      for (const id of sorted.toCount) if (full.has(id)) onFull(id);
      groups.forEach(({ first, repeats }, index) => {
        const result = results[index] ?? 'integration_gone';
        first.resolve(result);
        for (const repeat of repeats) repeat.resolve(repeated(result));
      });
    } catch (error) {
      if (!isRowFault(error) || groups.length === 1) {
        for (const { first, repeats } of groups) {
          for (const waiting of [first, ...repeats]) waiting.reject(error);
        }
        return;
      }
      // One row is at fault, or a deadlock: none of its neighbours may fail for it.
      for (const group of groups) await store([group]);
    }
  }

  return {
    write: (delivery) =>
      new Promise((resolve, reject) => {
        queue.push({ delivery, resolve, reject });
        // What arrives in the same turn of the event loop joins the batch.
        if (queue.length === 1) setImmediate(pump);
      }),
  };
}

/** Groups a batch by key, in the order of the keys' firsts: one statement takes a key once. */
function foldRepeats(batch: readonly Waiting[]): Group[] {
  const groups = new Map<string, Group>();
  for (const one of batch) {
    const key = `${one.delivery.integrationId} ${one.delivery.dedupeHash.toString('latin1')}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: one, repeats: [] });
    else group.repeats.push(one);
  }
  return [...groups.values()];
}

/** How old a count of an inbox may be, milliseconds. */
const ttlMs = 1_000;
/** And of one that keeps less than half of what it may: counting costs as much as is kept. */
const longestTtlMs = 10_000;
/** As many gateways at once may fill it. */
const gateways = 8;
const maxEntries = 50_000;

interface FullInboxCacheOptions {
  /** Deliveries that an integration may keep. */
  keepLimit: number;
  /** Deliveries of an integration that one gateway takes. */
  ratePerSecond: number;
  /** Milliseconds on a monotonic clock. */
  now?: () => number;
}

/** Which integrations' inboxes were found full, for as long as a count holds. */
interface FullInboxCache {
  /** What a batch for these integrations has to count, and what it needn't. */
  sort(integrationIds: Iterable<string>): { toCount: string[]; full: string[] };
  note(counted: readonly string[], found: Record<'full' | 'halfFull', ReadonlySet<string>>): void;
}

export function createFullInboxCache(options: FullInboxCacheOptions): FullInboxCache {
  const { keepLimit, ratePerSecond, now = () => performance.now() } = options;
  const known = new Map<string, { until: number; full: boolean }>();
  // The other half can't be filled sooner than this.
  const toFillMs = (keepLimit / 2 / (ratePerSecond * gateways)) * 1_000;
  const belowHalfTtlMs = Math.min(Math.max(toFillMs, ttlMs), longestTtlMs);

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
        const until = now() + (halfFull.has(id) ? ttlMs : belowHalfTtlMs);
        known.set(id, { until, full: full.has(id) });
      }
    },
  };
}
