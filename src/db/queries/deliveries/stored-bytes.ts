import type { Pool, Queryable } from '../../pool';
import { inTransaction } from '../../transaction';

/** What a delivery counts for, by its size before compression; neither part is read for it. */
export const bytesSql = (delivery: string) =>
  `octet_length(${delivery}.headers) + octet_length(${delivery}.body)`;

/**
 * Subtracts what a statement has freed: common table expressions, after one called `freed` with `integration_id` and
 * `bytes`. The rows are locked in the order in which gateways report.
 */
export const subtractCtes = `
  freed_of AS (
    SELECT integration_id, sum(bytes)::bigint AS bytes FROM freed GROUP BY integration_id
  ), to_subtract AS MATERIALIZED (
    SELECT integration_id FROM stored_bytes
    WHERE integration_id IN (SELECT integration_id FROM freed_of)
    ORDER BY integration_id FOR UPDATE
  ), subtracted AS (
    UPDATE stored_bytes s SET bytes = s.bytes - f.bytes
    FROM freed_of f JOIN to_subtract USING (integration_id)
    WHERE s.integration_id = f.integration_id
  )`;

/** Ids, UUIDs, by which a count sees that a report came before it, though its gateway has not heard so. */
export interface Reports {
  /** Of the one under way, or else of the last. */
  underWay: string;
  /** Of the one that has what waits: it may overtake the count. */
  next: string;
}

/** What a gateway has stored for an integration, and has not been told to be in its total. */
export interface Unreported {
  /** Bytes that no report has. */
  waiting: number;
  /** Bytes of the report that is under way. */
  underWay: number;
}

/**
 * Adds what a gateway has stored since it last said so. Integrations are locked before: one that is just being deleted,
 * which is what else locks them so, would fail the key to it. It is not waited for.
 *
 * @param stored bytes by integration; those that are gone are left out
 * @param reportId a UUID
 */
export async function addStoredBytes(
  db: Queryable,
  stored: readonly (readonly [integrationId: string, bytes: number])[],
  reportId: string,
): Promise<void> {
  await db.query({
    name: 'add-stored-bytes',
    text: `
      WITH there AS MATERIALIZED (
        SELECT id FROM integrations WHERE id = ANY ($1::text[]) AND deleted_at IS NULL
        ORDER BY id FOR KEY SHARE SKIP LOCKED
      )
      INSERT INTO stored_bytes AS s (integration_id, bytes, last_report)
      SELECT t.id, r.bytes, $3::uuid FROM there t JOIN unnest($1::text[], $2::bigint[]) AS r (id, bytes)
        ON r.id = t.id
      ORDER BY t.id
      ON CONFLICT (integration_id) DO UPDATE SET
        bytes = s.bytes + excluded.bytes, last_report = excluded.last_report`,
    values: [stored.map(([id]) => id), stored.map(([, bytes]) => bytes), reportId],
  });
}

/**
 * Whose bytes are to be counted: first those that nobody has counted, then whoever keeps most. Gateways that crashed have
 * not reported all, and what is near its limit has to be right. Nor have older gateways, for as long as they run after the
 * migration that brought the totals: what was counted in its first hour is counted again, and so is what is below 0.
 *
 * @param half bytes from which one is counted every hour; others are once a week
 */
export async function listUncounted(
  db: Queryable,
  { half, limit }: { half: number; limit: number },
): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT i.id FROM integrations i LEFT JOIN stored_bytes s ON s.integration_id = i.id
     LEFT JOIN migrations m ON m.name = '0016_isolation'
     WHERE i.deleted_at IS NULL AND (
       s.counted_at IS NULL OR s.bytes < 0 OR s.counted_at < now() - interval '7 days'
       OR s.counted_at < now() - interval '1 hour' AND (
         s.bytes >= $1::bigint OR s.counted_at BETWEEN m.run_on AND m.run_on + interval '1 hour'))
     ORDER BY s.counted_at IS NULL DESC, s.bytes DESC NULLS LAST LIMIT $2::int`,
    [half, limit],
  );
  return rows.map(({ id }) => id);
}

/**
 * Only the difference is written: what gateways report meanwhile stays. What they had stored and not reported before is
 * counted twice, which is a second's share, until the next count.
 */
const countSql = `
  WITH stored AS MATERIALIZED (
    SELECT coalesce(sum(${bytesSql('d')}), 0)::bigint AS bytes,
           min(d.received_at) FILTER (WHERE d.state <> 'failed' AND octet_length(d.headers) > 0)
             AS first_kept
    FROM deliveries d WHERE d.integration_id = $1::text
  ), before AS MATERIALIZED (
    SELECT bytes FROM stored_bytes WHERE integration_id = $1::text
  ), there AS MATERIALIZED (
    SELECT id FROM integrations WHERE id = $1::text AND deleted_at IS NULL FOR KEY SHARE
  )
  INSERT INTO stored_bytes AS s (integration_id, bytes, counted_at, dropped_to)
  -- What is just being stored has the time at which its statement began.
  SELECT t.id, n.bytes, now(), coalesce(n.first_kept, now() - interval '1 minute')
  FROM stored n CROSS JOIN there t
  ON CONFLICT (integration_id) DO UPDATE SET
    bytes = s.bytes + excluded.bytes - coalesce((SELECT bytes FROM before), 0),
    counted_at = excluded.counted_at, dropped_to = excluded.dropped_to`;

const countTimeoutMs = 60_000;

/** Counts what is stored for an integration; it reads the row of each of its deliveries, and none of the bodies. */
export function countStoredBytes(pool: Pool, integrationId: string): Promise<void> {
  return inTransaction(pool, async (client) => {
    await client.query(`SET LOCAL statement_timeout = ${countTimeoutMs}`);
    const count = {
      text: countSql,
      values: [integrationId],
      query_timeout: countTimeoutMs + 1_000,
    };
    await client.query(count);
  });
}
