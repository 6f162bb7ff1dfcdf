import type { Queryable } from '../../pool';
import type { AcceptedDelivery, AcceptResult, NewDelivery } from './new-delivery';

/** How much integrations may keep, and what is known of those in a batch. */
interface KeepLimit {
  /** Pending deliveries of one integration. */
  limit: number;
  /** Integrations to be counted by this statement. */
  toCount: readonly string[];
  /** Integrations that a count of a moment ago found full. */
  full: readonly string[];
}

interface AcceptedBatch {
  /** For each of the batch, in its order. */
  results: AcceptResult[];
  /** The integrations that keep no more. */
  full: ReadonlySet<string>;
  /** Of those that were counted, the ones that keep more than half of what they may. */
  halfFull: ReadonlySet<string>;
}

/** Of a repeat: also a dead letter that is not even taken now. Whoever looks for those has to find it. */
const staysAsItIs = `(d.state IN ('pending', 'handled') OR d.state = 'failed' AND excluded.state = 'discarded')`;

/**
 * What one statement does for a whole batch:
 * - numbers the rows in the order in which they came, whatever order they are locked in;
 * - reads the integrations and holds `FOR SHARE`, so that a row that says "parked" is committed before the
 *   transition that would have to see it;
 * - decides each outcome;
 * - stores, or finds the row that the key already has. `DO UPDATE` and not `DO NOTHING`, which would return
 *   no row where the other transaction commits meanwhile. A repeat of what ended without being handled is a new
 *   chance: it takes the new number, and `claim` tells whose it is.
 *
 * Rows are inserted in the order of their keys: two gateways with the same keys in opposite orders would
 * deadlock. Hashes, headers and bodies arrive as one bytea with offsets: an array of bytea travels as hexadecimal
 * text, and one of texts with every quotation mark escaped.
 */
const acceptSql = `
  WITH input AS (
    SELECT nextval('delivery_sequence') AS sequence, u.*,
           substring($1::bytea FROM start + 1 FOR hash_length) AS dedupe_hash,
           convert_from(substring($1 FROM start + hash_length + 1 FOR headers_length), 'UTF8')
             AS headers,
           substring($1 FROM start + hash_length + headers_length + 1 FOR body_length) AS body
    FROM unnest($2::int[], $3::int[], $4::int[], $5::int[], $6::int[], $7::text[], $8::text[],
                $9::text[], $10::text[], $11::boolean[])
      AS u (start, hash_length, headers_length, body_length, position, id, integration_id,
            dedupe_key, event_type, discard_when_full)
  ), target AS MATERIALIZED (
    SELECT i.id, i.user_id, i.status, i.when_error, i.when_disabled FROM integrations i
    WHERE i.id IN (SELECT integration_id FROM input) AND i.deleted_at IS NULL
    ORDER BY i.id FOR SHARE
  ), hold AS MATERIALIZED (
    -- Not by scope: with very many people's holds that would read them all. The operator's has no user.
    SELECT h.user_id FROM holds h
    WHERE h.user_id = ANY (ARRAY (SELECT user_id FROM target UNION ALL SELECT '')) FOR SHARE
  ), half_full AS MATERIALIZED (
    SELECT c.id FROM unnest($12::text[]) AS c (id) WHERE EXISTS (
      SELECT FROM deliveries d WHERE d.integration_id = c.id AND d.state = 'pending'
      ORDER BY d.sequence OFFSET $14::int / 2 LIMIT 1)
  ), full_inbox AS MATERIALIZED (
    SELECT h.id FROM half_full h WHERE EXISTS (
      SELECT FROM deliveries d WHERE d.integration_id = h.id AND d.state = 'pending'
      ORDER BY d.sequence OFFSET $14::int - 1 LIMIT 1)
    UNION ALL SELECT f.id FROM unnest($13::text[]) AS f (id)
  ), verdict AS MATERIALIZED (
    SELECT t.id, t.id IN (SELECT id FROM full_inbox) AS is_full,
           t.id IN (SELECT id FROM half_full) AS is_half_full, CASE
        WHEN t.status = 'DISABLED' AND t.when_disabled = 'discard' THEN 'discarded'
        WHEN t.status = 'ERROR' AND t.when_error = 'discard' THEN 'discarded'
        WHEN t.id IN (SELECT id FROM full_inbox) THEN 'full'
        WHEN t.status <> 'ENABLED' THEN 'parked'
        WHEN EXISTS (SELECT FROM hold h WHERE h.user_id IN ('', t.user_id)) THEN 'parked'
        ELSE 'accepted' END AS outcome
    FROM target t
  ), decided AS (
    SELECT input.*,
           CASE WHEN v.outcome = 'full' AND discard_when_full THEN 'discarded' ELSE v.outcome END
             AS outcome
    FROM input JOIN verdict v ON v.id = input.integration_id
  ), stored AS (
  INSERT INTO deliveries AS d (id, integration_id, sequence, position, claim, outcome, state,
                               dedupe_hash, dedupe_key, event_type, headers, body, ended_at)
  -- Constraints are checked before the conflict is found: of a repeat nothing of this is written.
  SELECT id, integration_id, sequence, position, id, replace(outcome, 'full', 'parked'),
         CASE outcome WHEN 'discarded' THEN 'discarded' ELSE 'pending' END,
         dedupe_hash, dedupe_key, event_type, headers, body,
         CASE outcome WHEN 'discarded' THEN now() END
  FROM decided n
  -- What repeats something that is kept is a duplicate, however full it is. EXISTS would be planned as a read of all
  -- that is kept.
  WHERE n.outcome <> 'full' OR (
    SELECT d.state FROM deliveries d WHERE d.integration_id = n.integration_id
      AND d.dedupe_hash = n.dedupe_hash) IN ('pending', 'handled')
  ORDER BY integration_id, dedupe_hash
  ON CONFLICT (integration_id, dedupe_hash) DO UPDATE SET
    claim = CASE WHEN d.state IN ('pending', 'handled') THEN d.claim ELSE excluded.claim END,
    sequence = CASE WHEN d.state IN ('pending', 'handled') THEN d.sequence ELSE excluded.sequence END,
    position = CASE WHEN d.state IN ('pending', 'handled') THEN d.position ELSE excluded.position END,
    outcome = CASE WHEN d.state IN ('pending', 'handled') THEN d.outcome ELSE excluded.outcome END,
    requeued_at = CASE WHEN d.state IN ('pending', 'handled') THEN d.requeued_at ELSE now() END,
    headers = CASE WHEN d.state = 'expired' THEN excluded.headers ELSE d.headers END,
    body = CASE WHEN d.state = 'expired' THEN excluded.body ELSE d.body END,
    next_attempt_at = CASE WHEN d.state IN ('pending', 'handled') THEN d.next_attempt_at END,
    attempts_before = CASE WHEN d.state IN ('pending', 'handled') THEN d.attempts_before
                           ELSE d.attempts END,
    error = CASE WHEN ${staysAsItIs} THEN d.error END,
    ended_at = CASE WHEN ${staysAsItIs} THEN d.ended_at ELSE excluded.ended_at END,
    state = CASE WHEN ${staysAsItIs} THEN d.state ELSE excluded.state END
  RETURNING id, claim, outcome, integration_id, encode(dedupe_hash, 'hex') AS dedupe_hash
  )
  SELECT s.id, s.claim, s.outcome, v.id AS integration_id, s.dedupe_hash, v.is_full, v.is_half_full
  FROM verdict v LEFT JOIN stored s ON s.integration_id = v.id`;

interface StoredRow {
  id: string;
  claim: string;
  outcome: Exclude<AcceptedDelivery['outcome'], 'duplicate'>;
  dedupe_hash: string;
}

type Row = { integration_id: string; is_full: boolean; is_half_full: boolean } & (
  StoredRow | { id: null }
);

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
      batch.map(({ discardWhenFull }) => discardWhenFull),
      keep.toCount,
      keep.full,
      keep.limit,
    ],
  });
  return readBatch(batch, rows);
}

function readBatch(batch: readonly NewDelivery[], rows: readonly Row[]): AcceptedBatch {
  const stored = new Map<string, StoredRow>();
  const [there, full, halfFull] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const row of rows) {
    there.add(row.integration_id);
    if (row.is_full) full.add(row.integration_id);
    if (row.is_half_full) halfFull.add(row.integration_id);
    if (row.id !== null) stored.set(keyOf(row.integration_id, row.dedupe_hash), row);
  }
  const results = batch.map(({ id, integrationId, dedupeHash }): AcceptResult => {
    const row = stored.get(keyOf(integrationId, dedupeHash.toString('hex')));
    if (row === undefined) return there.has(integrationId) ? 'inbox_full' : 'integration_gone';
    return { id: row.id, outcome: row.claim === id ? row.outcome : 'duplicate' };
  });
  return { results, full, halfFull };
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
