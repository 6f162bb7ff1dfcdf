import { isRowFault } from '../../db/error-classes';
import type { Pool } from '../../db/pool';
import { acceptDeliveries, type KeepLimits, type Kept } from '../../db/queries/deliveries/accept';
import type { AcceptResult, NewDelivery } from '../../db/queries/deliveries/new-delivery';
import type { StoredBytes } from '../operations/stored-bytes';
import { createFullInboxCache, isFull, isNearlyFull, nothing } from './full-inbox-cache';

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

interface InboxWriterOptions extends KeepLimits {
  storedBytes: Pick<StoredBytes, 'add' | 'unreported' | 'reports'>;
  /** Called when a count finds an integration's inbox full: once a second, for as long as webhooks come. */
  onFull?: (integrationId: string, kept: Kept) => void;
  /** Likewise when there is little left of its bytes. */
  onNearlyFull?: (integrationId: string) => void;
  /** Called at the end of each statement. */
  onCommit?: (deliveries: number, seconds: number, result: 'committed' | 'failed') => void;
}

/** @param pool at least as many connections as there are statements in flight */
export function createInboxWriter(
  pool: Pool,
  {
    storedBytes,
    onFull = () => undefined,
    onNearlyFull = () => undefined,
    onCommit,
    ...limits
  }: InboxWriterOptions,
): InboxWriter {
  const queue: Waiting[] = [];
  const fullInboxes = createFullInboxCache(limits);
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
    const beganAt = onCommit === undefined ? 0 : performance.now();
    const note = (result: 'committed' | 'failed') =>
      onCommit?.(groups.length, (performance.now() - beganAt) / 1_000, result);
    try {
      const batch = groups.map(({ first }) => first.delivery);
      const { toCount, full } = fullInboxes.sort(batch.map(({ integrationId }) => integrationId));
      const { results, grown, kept } = await acceptDeliveries(pool, batch, {
        ...limits,
        toCount: new Map(toCount.map((id) => [id, storedBytes.unreported(id)])),
        reports: storedBytes.reports(),
        full,
      });
      note('committed');
      for (const id of toCount) noteCount(id, kept.get(id));
      groups.forEach(({ first, repeats }, index) => {
        noteStored(first.delivery.integrationId, grown[index]);
        const result = results[index] ?? 'integration_gone';
        first.resolve(result);
        for (const repeat of repeats) repeat.resolve(repeated(result));
      });
    } catch (error) {
      note('failed');
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

  function noteCount(id: string, kept: Kept = nothing): void {
    fullInboxes.note(id, kept);
    if (isFull(kept, limits)) onFull(id, kept);
    if (isNearlyFull(kept, limits)) onNearlyFull(id);
  }

  function noteStored(id: string, bytes: number | null = null): void {
    if (bytes === null) return;
    fullInboxes.add(id, bytes);
    storedBytes.add(id, bytes);
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
