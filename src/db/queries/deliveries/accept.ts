import type { Queryable } from '../../pool';
import { acceptCountingSql, acceptSql } from './accept-sql';
import type { AcceptedDelivery, AcceptResult, NewDelivery } from './new-delivery';
import type { Reports, Unreported } from './stored-bytes';

/** What an integration keeps. */
export interface Kept {
  /** Deliveries; no more than twice the limit are counted. */
  pending: number;
  /** Of all deliveries, those that have ended too. */
  bytes: number;
  /** Whether bodies of what has ended can go: looked at where the bytes have reached their limit. */
  droppable: boolean;
}

/** How much one integration may keep; twice as much where its sender can't be refused. */
export interface KeepLimits {
  /** Pending deliveries. */
  keepLimit: number;
  /** Bytes of all that is stored. */
  keepLimitBytes: number;
}

/** What is known of the integrations of a batch. */
interface Keep extends KeepLimits {
  /** Integrations to be counted by this statement, with what this process has not reported of them. */
  toCount: ReadonlyMap<string, Unreported>;
  reports: Reports;
  /** What a count of a moment ago found in others that keep as much or more. */
  full: ReadonlyMap<string, Kept>;
}

interface AcceptedBatch {
  /** For each of the batch, in its order. */
  results: AcceptResult[];
  /** Likewise the bytes that are stored for it, beside what was; null where nothing was stored by it. */
  grown: (number | null)[];
  /** Of the integrations that were counted, or are known to be full: before this batch. */
  kept: ReadonlyMap<string, Kept>;
}

interface StoredRow {
  id: string;
  integration_id: string;
  claim: string;
  outcome: Exclude<AcceptedDelivery['outcome'], 'duplicate'>;
  dedupe_hash: string;
  /** Null of a row that is new. */
  grown: number | null;
}

/** Of one integration: whether it discards by its policy, and what it keeps, where that is known. */
type Found = [id: string, discards: boolean, ...([number, number, boolean] | [null, null, null])];

type Row = StoredRow | { id: null; found: Found[] | null };

const keyOf = (integrationId: string, hash: string) => `${integrationId} ${hash}`;

/** Stores a batch in one statement. Its keys have to differ: one key twice fails the statement (21000). */
export async function acceptDeliveries(
  db: Queryable,
  batch: readonly NewDelivery[],
  keep: Keep,
): Promise<AcceptedBatch> {
  const { bytes, starts, hashLengths, headersLengths, bodyLengths } = packDeliveries(batch);
  const deliveries = [
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
    traceparents(batch),
  ];
  const isCounting = keep.toCount.size > 0 || keep.full.size > 0;
  const { rows } = await db.query<Row>(
    isCounting
      ? {
          name: 'accept-deliveries-counting',
          text: acceptCountingSql,
          values: [...deliveries, ...countValues(keep)],
        }
      : { name: 'accept-deliveries', text: acceptSql, values: deliveries },
  );
  const accepted = readBatch(batch, rows);
  const discarded = batch.filter((_delivery, index) => isNotStored(accepted.results[index]));
  if (discarded.length > 0) await countDiscarded(db, discarded);
  return accepted;
}

/** @returns null where none is traced, which is as if all had none */
function traceparents(batch: readonly NewDelivery[]): (string | undefined)[] | null {
  const isTraced = batch.some(({ traceparent }) => traceparent !== undefined);
  return isTraced ? batch.map(({ traceparent }) => traceparent) : null;
}

function countValues({ toCount, full, reports, keepLimit, keepLimitBytes }: Keep): unknown[] {
  const unreported = [...toCount.values()];
  const found = [...full.values()];
  return [
    [...toCount.keys()],
    intArray(unreported.map(({ waiting }) => waiting)),
    intArray(unreported.map(({ underWay }) => underWay)),
    [...full.keys()],
    intArray(found.map(({ pending }) => pending)),
    intArray(found.map(({ bytes }) => bytes)),
    found.map(({ droppable }) => droppable),
    ...[keepLimit, keepLimitBytes, reports.underWay, reports.next],
  ];
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
  /** With whether they discard by their policy: nobody is told to send that again. */
  const discards = new Map<string, boolean>();
  const kept = new Map<string, Kept>();
  for (const row of rows) {
    if (row.id !== null) {
      stored.set(keyOf(row.integration_id, row.dedupe_hash), row);
      continue;
    }
    for (const [id, isDiscarding, pending, bytes, droppable] of row.found ?? []) {
      discards.set(id, isDiscarding);
      if (pending !== null) kept.set(id, { pending, bytes, droppable });
    }
  }
  const grown = batch.map((): number | null => null);
  const results = batch.map((delivery, index): AcceptResult => {
    const { id, integrationId, dedupeHash, refusable } = delivery;
    const row = stored.get(keyOf(integrationId, dedupeHash.toString('hex')));
    if (row !== undefined) {
      if (row.claim !== id) return { id: row.id, outcome: 'duplicate' };
      grown[index] = row.grown ?? storedBytes(delivery);
      return { id: row.id, outcome: row.outcome };
    }
    const isDiscarding = discards.get(integrationId);
    // Where nothing is counted, whatever is for one that is there is stored.
    if (isDiscarding === undefined) return 'integration_gone';
    return refusable && !isDiscarding ? 'inbox_full' : { id: null, outcome: 'discarded' };
  });
  return { results, grown, kept };
}

const storedBytes = ({ headers, body }: NewDelivery) => Buffer.byteLength(headers) + body.length;

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

/** A parameter of type `int[]` or `bigint[]`; `pg` would quote and escape each number. */
function intArray(numbers: readonly number[]): string {
  return `{${numbers.join(',')}}`;
}
