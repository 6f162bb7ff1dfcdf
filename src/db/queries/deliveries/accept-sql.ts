import { bytesSql } from './stored-bytes';
import { droppableSql, isDroppedSql } from './drop-ended';

/** Of a repeat: also a dead letter that is not even taken now. Whoever looks for those has to find it. */
const staysAsItIs = `(d.state IN ('pending', 'handled') OR d.state = 'failed' AND excluded.state = 'discarded')`;

/** Of a repeat: what it brings is stored anew. */
const lostItsBody = `(d.state = 'expired' OR d.state = 'discarded' AND ${isDroppedSql('d')})`;

/** Of an integration that the transaction has locked, but for how much it keeps. */
const policySql = `CASE
        WHEN t.status = 'DISABLED' AND t.when_disabled = 'discard' THEN 'discarded'
        WHEN t.status = 'ERROR' AND t.when_error = 'discard' THEN 'discarded'
        WHEN t.status <> 'ENABLED' THEN 'parked'
        WHEN EXISTS (SELECT FROM hold h WHERE h.user_id IN ('', t.user_id)) THEN 'parked'
        ELSE 'accepted' END`;

const inputCtes = `
  WITH input AS (
    SELECT nextval('delivery_sequence') AS sequence, u.*,
           substring($1::bytea FROM start + 1 FOR hash_length) AS dedupe_hash,
           convert_from(substring($1 FROM start + hash_length + 1 FOR headers_length), 'UTF8')
             AS headers,
           substring($1 FROM start + hash_length + headers_length + 1 FOR body_length) AS body
    FROM unnest($2::int[], $3::int[], $4::int[], $5::int[], $6::int[], $7::text[], $8::text[],
                $9::text[], $10::text[], $11::boolean[], $12::text[])
      AS u (start, hash_length, headers_length, body_length, position, id, integration_id,
            dedupe_key, event_type, refusable, traceparent)
  ), target AS MATERIALIZED (
    SELECT i.id, i.user_id, i.status, i.when_error, i.when_disabled FROM integrations i
    WHERE i.id IN (SELECT integration_id FROM input) AND i.deleted_at IS NULL
    ORDER BY i.id FOR SHARE
  ), hold AS MATERIALIZED (
    -- Not by scope: with very many people's holds that would read them all. The operator's has no user.
    SELECT h.user_id FROM holds h
    WHERE h.user_id = ANY (ARRAY (SELECT user_id FROM target UNION ALL SELECT '')) FOR SHARE
  )`;

const insertSql = (where = '') => `
  INSERT INTO deliveries AS d (id, integration_id, sequence, position, claim, outcome, state,
                               dedupe_hash, dedupe_key, event_type, traceparent, headers, body,
                               ended_at)
  -- Constraints are checked before the conflict is found: of a repeat nothing of this is written.
  SELECT id, integration_id, sequence, position, id, replace(outcome, 'full', 'parked'),
         CASE outcome WHEN 'discarded' THEN 'discarded' ELSE 'pending' END,
         dedupe_hash, dedupe_key, event_type, traceparent, headers, body,
         CASE outcome WHEN 'discarded' THEN now() END
  FROM decided n ${where}
  ORDER BY integration_id, dedupe_hash
  ON CONFLICT (integration_id, dedupe_hash) DO UPDATE SET
    claim = CASE WHEN d.state IN ('pending', 'handled') THEN d.claim ELSE excluded.claim END,
    sequence = CASE WHEN d.state IN ('pending', 'handled') THEN d.sequence ELSE excluded.sequence END,
    position = CASE WHEN d.state IN ('pending', 'handled') THEN d.position ELSE excluded.position END,
    outcome = CASE WHEN d.state IN ('pending', 'handled') THEN d.outcome ELSE excluded.outcome END,
    traceparent = CASE WHEN d.state IN ('pending', 'handled') THEN d.traceparent ELSE excluded.traceparent END,
    requeued_at = CASE WHEN d.state IN ('pending', 'handled') THEN d.requeued_at ELSE now() END,
    headers = CASE WHEN ${lostItsBody} THEN excluded.headers ELSE d.headers END,
    body = CASE WHEN ${lostItsBody} THEN excluded.body ELSE d.body END,
    next_attempt_at = CASE WHEN d.state IN ('pending', 'handled') THEN d.next_attempt_at END,
    attempts_before = CASE WHEN d.state IN ('pending', 'handled') THEN d.attempts_before
                           ELSE d.attempts END,
    error = CASE WHEN ${staysAsItIs} THEN d.error END,
    ended_at = CASE WHEN ${staysAsItIs} THEN d.ended_at ELSE excluded.ended_at END,
    state = CASE WHEN ${staysAsItIs} THEN d.state ELSE excluded.state END
  RETURNING id, claim, outcome, integration_id, encode(dedupe_hash, 'hex') AS dedupe_hash,
            -- By how much a new chance makes its row larger, which the statement's snapshot still has as it was.
            CASE WHEN d.requeued_at IS NOT NULL THEN ${bytesSql('d')} - (
              SELECT ${bytesSql('o')} FROM deliveries o WHERE o.id = d.id) END AS grown`;

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
export const acceptSql = `${inputCtes}, verdict AS MATERIALIZED (
    SELECT t.id, ${policySql} AS outcome FROM target t
  ), decided AS (
    SELECT input.*, v.outcome FROM input JOIN verdict v ON v.id = input.integration_id
  )${insertSql()}`;

/**
 * The same where it has to be known how much the integrations keep; most batches come within the time for which a count is
 * believed, and don't pay for it. An inbox is full at what it may keep, or at twice that for a sender whom a refusal costs
 * more; by its bytes also for others, as long as there is something that ended, whose body then goes first. What was found
 * stands in one row of its own: in each delivery's it would cost them all.
 */
export const acceptCountingSql = `${inputCtes}, inbox AS MATERIALIZED (
    SELECT c.id, (SELECT count(*) FROM (
        SELECT FROM deliveries d WHERE d.integration_id = c.id AND d.state = 'pending'
        ORDER BY d.sequence LIMIT 2 * $20::int) kept)::int AS pending,
      s.bytes,
      CASE WHEN s.bytes >= $21::bigint THEN coalesce((
        SELECT true FROM (${droppableSql('c.id', 's.dropped_to', '1')}) ended
        LIMIT 1), false) ELSE false END AS droppable
    FROM unnest($13::text[], $14::bigint[], $15::bigint[]) AS c (id, waiting, under_way)
    -- With a limit it is looked up, however few rows the table had when this was planned.
    LEFT JOIN LATERAL (
      SELECT r.* FROM stored_bytes r WHERE r.integration_id = c.id LIMIT 1
    ) r ON true
    CROSS JOIN LATERAL (
      SELECT coalesce(r.dropped_to, '-infinity') AS dropped_to,
        coalesce(r.bytes, 0) + CASE r.last_report
          WHEN $23::uuid THEN 0 WHEN $22::uuid THEN c.waiting ELSE c.waiting + c.under_way
        END AS bytes
    ) s
    UNION ALL
    SELECT f.id, f.pending, f.bytes, f.droppable
    FROM unnest($16::text[], $17::int[], $18::bigint[], $19::boolean[])
      AS f (id, pending, bytes, droppable)
  ), policy AS (
    SELECT t.id, n.pending, n.bytes, n.droppable, ${policySql} AS outcome
    FROM target t LEFT JOIN inbox n ON n.id = t.id
  ), verdict AS MATERIALIZED (
    SELECT p.*,
           CASE WHEN p.bytes >= 2 * $21::bigint THEN 'full'
                WHEN p.outcome = 'discarded' THEN 'discarded'
                WHEN p.pending >= 2 * $20::int THEN 'full'
                ELSE p.outcome END AS of_any,
           p.outcome <> 'discarded' AND (
             p.pending >= $20::int OR p.bytes >= $21::bigint AND NOT p.droppable) AS is_full
    FROM policy p
  ), decided AS (
    SELECT input.*, CASE WHEN refusable AND v.is_full THEN 'full' ELSE v.of_any END AS outcome
    FROM input JOIN verdict v ON v.id = input.integration_id
  ), stored AS (${insertSql(`
  -- What repeats something that is kept is a duplicate, however full it is. EXISTS would be planned as a read of all
  -- that is kept.
  WHERE n.outcome <> 'full' OR (
    SELECT d.state FROM deliveries d WHERE d.integration_id = n.integration_id
      AND d.dedupe_hash = n.dedupe_hash) IN ('pending', 'handled')`)}
  )
  SELECT s.*, NULL::json AS found FROM stored s
  UNION ALL
  SELECT NULL, NULL, NULL, NULL, NULL, NULL, (
    SELECT json_agg(json_build_array(v.id, v.outcome = 'discarded', v.pending, v.bytes, v.droppable))
    FROM verdict v)`;
