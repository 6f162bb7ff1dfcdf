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
  /** Called when a count finds an integration's inbox full: once a second, for as long as webhooks come. */
  onFull?: (integrationId: string) => void;
}

/** @param pool at least as many connections as there are statements in flight */
export function createInboxWriter(
  pool: Pool,
  { keepLimit, onFull = () => undefined }: InboxWriterOptions,
): InboxWriter {
  const queue: Waiting[] = [];
  const fullInboxes = createFullInboxCache({ keepLimit });
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
      const { results, pending } = await acceptDeliveries(pool, batch, {
        limit: keepLimit,
        ...sorted,
      });
      fullInboxes.note(sorted.toCount, pending);
      for (const id of sorted.toCount) if ((pending.get(id) ?? 0) >= keepLimit) onFull(id);
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
  /** Milliseconds on a monotonic clock. */
  now?: () => number;
}

interface Count {
  pending: number;
  at: number;
  /** How many have come since. */
  since: number;
}

/** What integrations' inboxes were found to keep, for as long as a count holds. */
interface FullInboxCache {
  /** What a batch with deliveries for these has to count, and which are known to be full. */
  sort(integrationIds: readonly string[]): { toCount: string[]; full: Map<string, number> };
  note(counted: readonly string[], pending: ReadonlyMap<string, number>): void;
}

export function createFullInboxCache(options: FullInboxCacheOptions): FullInboxCache {
  const { keepLimit, now = () => performance.now() } = options;
  const known = new Map<string, Count>();
  const half = keepLimit / 2;

  function holds({ pending, at, since }: Count): boolean {
    const ageMs = now() - at;
    // The other half is filled by so many, if as many come to each of the others.
    const isFarFromFull = pending <= half && since < half / gateways;
    return ageMs < (isFarFromFull ? longestTtlMs : ttlMs);
  }

  return {
    sort: (integrationIds) => {
      const toCount = new Set<string>();
      const full = new Map<string, number>();
      for (const id of integrationIds) {
        const count = known.get(id);
        if (count === undefined || !holds(count)) toCount.add(id);
        else if (count.pending >= keepLimit) full.set(id, count.pending);
        if (count !== undefined) count.since++;
      }
      return { toCount: [...toCount], full };
    },
    note: (counted, pending) => {
      if (known.size > maxEntries) known.clear();
      for (const id of counted)
        known.set(id, { pending: pending.get(id) ?? 0, at: now(), since: 0 });
    },
  };
}
