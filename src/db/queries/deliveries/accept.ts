import type { Queryable } from '../../pool';
import { acceptSql } from './accept-sql';
import type { AcceptedDelivery, AcceptResult, NewDelivery } from './new-delivery';

/** How much integrations may keep, and what is known of those in a batch. */
interface KeepLimit {
  /** Pending deliveries of one integration; twice as many where they can't be refused. */
  limit: number;
  /** Integrations to be counted by this statement. */
  toCount: readonly string[];
  /** What a count of a moment ago found in others that keep as much or more. */
  full: ReadonlyMap<string, number>;
}

interface AcceptedBatch {
  /** For each of the batch, in its order. */
  results: AcceptResult[];
  /** Of the integrations that were counted: pending deliveries before this batch, no more than twice the limit. */
  pending: ReadonlyMap<string, number>;
}

interface StoredRow {
  id: string;
  claim: string;
  outcome: Exclude<AcceptedDelivery['outcome'], 'duplicate'>;
  dedupe_hash: string;
}

type Row = { integration_id: string; pending: number } & (StoredRow | { id: null });

const keyOf = (integrationId: string, hash: string) => `${integrationId} ${hash}`;

/** Stores a batch in one statement. Its keys have to differ: one key twice fails the statement (21000). */
export async function acceptDeliveries(
  db: Queryable,
  batch: readonly NewDelivery[],
  keep: KeepLimit,
): Promise<AcceptedBatch> {
  const { bytes, starts, hashLengths, headersLengths, bodyLengths } = packDeliveries(batch);
  const { rows } = await db.query<Row>({
    name: 'accept-deliveries',
    text: acceptSql,
    values: [
      bytes,
      intArray(starts),
      intArray(hashLengths),
      intArray(headersLengths),
      intArray(bodyLengths),
      intArray(batch.map(({ position }) => position)),
      batch.map(({ id }) => id),
      batch.map(({ integrationId }) => integrationId),
      batch.map(({ dedupeKey }) => dedupeKey),
      batch.map(({ eventType }) => eventType),
      batch.map(({ refusable }) => refusable),
      keep.toCount,
      [...keep.full.keys()],
      intArray([...keep.full.values()]),
      keep.limit,
    ],
  });
  const { results, pending } = readBatch(batch, rows);
  const discarded = batch.filter((_delivery, index) => isNotStored(results[index]));
  if (discarded.length > 0) await countDiscarded(db, discarded);
  return { results, pending };
}

const isNotStored = (result: AcceptResult | undefined): boolean =>
  typeof result === 'object' && result.id === null;

/** A statement of its own: it is rare, and would cost every other batch. */
async function countDiscarded(db: Queryable, discarded: readonly NewDelivery[]): Promise<void> {
  await db.query({
    name: 'count-discarded',
    // Locked: one that is just being deleted would fail the key to it.
    text: `
      WITH there AS MATERIALIZED (
        SELECT id FROM integrations WHERE id = ANY ($1::text[]) ORDER BY id FOR KEY SHARE
      )
      INSERT INTO discarded_counts AS c (integration_id, count)
      SELECT t.id, count(*) FROM there t JOIN unnest($1::text[]) AS d (id) ON d.id = t.id
      GROUP BY t.id ORDER BY t.id
      ON CONFLICT (integration_id) DO UPDATE SET count = c.count + excluded.count`,
    values: [discarded.map(({ integrationId }) => integrationId)],
  });
}

function readBatch(batch: readonly NewDelivery[], rows: readonly Row[]): AcceptedBatch {
  const stored = new Map<string, StoredRow>();
  const pending = new Map<string, number>();
  for (const row of rows) {
    pending.set(row.integration_id, row.pending);
    if (row.id !== null) stored.set(keyOf(row.integration_id, row.dedupe_hash), row);
  }
  const results = batch.map((delivery): AcceptResult => {
    const { id, integrationId, dedupeHash, refusable } = delivery;
    const row = stored.get(keyOf(integrationId, dedupeHash.toString('hex')));
    if (row !== undefined)
      return { id: row.id, outcome: row.claim === id ? row.outcome : 'duplicate' };
    if (!pending.has(integrationId)) return 'integration_gone';
    return refusable ? 'inbox_full' : { id: null, outcome: 'discarded' };
  });
  return { results, pending };
}

/** Each delivery's hash, headers and body, one behind the other in one value, with where they begin and their lengths. */
export function packDeliveries(
  batch: readonly Pick<NewDelivery, 'dedupeHash' | 'headers' | 'body'>[],
) {
  const starts: number[] = [];
  const hashLengths = batch.map(({ dedupeHash }) => dedupeHash.length);
  const headersLengths = batch.map(({ headers }) => Buffer.byteLength(headers));
  const bodyLengths = batch.map(({ body }) => body.length);
  const lengths = [hashLengths, headersLengths, bodyLengths];
  const bytes = Buffer.allocUnsafe(lengths.flat().reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const { dedupeHash, headers, body } of batch) {
    starts.push(at);
    at += dedupeHash.copy(bytes, at);
    at += bytes.write(headers, at);
    at += body.copy(bytes, at);
  }
  return { bytes, starts, hashLengths, headersLengths, bodyLengths };
}

/** A parameter of type `int[]`; `pg` would quote and escape each number. */
function intArray(numbers: readonly number[]): string {
  return `{${numbers.join(',')}}`;
}
