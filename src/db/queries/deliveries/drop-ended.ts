import type { Pool } from '../../pool';
import { inTransaction } from '../../transaction';
import { bytesSql } from './stored-bytes';

/**
 * The states whose bodies may go before their time. Dead letters are not among them: somebody may still have them
 * handled.
 */
const droppable = `ARRAY['handled', 'discarded', 'expired']`;

/** Headers are JSON text: without any, headers and body were dropped. */
export const isDroppedSql = (delivery: string) => `octet_length(${delivery}.headers) = 0`;

/**
 * Of an integration the first received that may lose their body, of each state, from the index on state and time of
 * receipt: a subquery.
 */
export const droppableSql = (integrationId: string, droppedTo: string, limit: string) => `
  SELECT e.* FROM unnest(${droppable}) AS st (state) CROSS JOIN LATERAL (
    SELECT d.id, d.received_at, ${bytesSql('d')} AS bytes FROM deliveries d
    WHERE d.integration_id = ${integrationId} AND d.state = st.state
      AND d.received_at >= ${droppedTo} AND NOT ${isDroppedSql('d')}
    ORDER BY d.received_at LIMIT ${limit}
  ) e`;

/**
 * - The integration's count is locked first: gateways that drop at the same time take turns.
 * - Nothing while processes of an older version may still run: of a repeat they don't bring the body back.
 * - No more than it takes to come down to the bytes that may stay.
 * - What somebody holds, a replay for instance, is passed over; what is pending meanwhile drops out.
 */
const dropSql = `
  WITH stored AS MATERIALIZED (
    SELECT s.integration_id, s.dropped_to, s.bytes - $2::bigint AS surplus
    FROM stored_bytes s WHERE s.integration_id = $1::text
      AND (SELECT older_until <= now() FROM installation)
    FOR UPDATE
  ), oldest AS MATERIALIZED (
    SELECT c.id, c.received_at, c.bytes FROM stored s CROSS JOIN LATERAL (
      ${droppableSql('s.integration_id', 's.dropped_to', '$3::int')}
    ) c
    ORDER BY c.received_at, c.id LIMIT $3::int
  ), chosen AS MATERIALIZED (
    SELECT o.* FROM (
      SELECT *, sum(bytes) OVER (ORDER BY received_at, id) - bytes AS before FROM oldest
    ) o CROSS JOIN stored s WHERE o.before < s.surplus
  ), locked AS MATERIALIZED (
    SELECT d.id, ${bytesSql('d')} AS bytes FROM chosen c JOIN deliveries d ON d.id = c.id
    WHERE d.state = ANY (${droppable}) AND NOT ${isDroppedSql('d')}
    FOR UPDATE OF d SKIP LOCKED
  ), dropped AS (
    UPDATE deliveries d SET headers = '', body = '' FROM locked l WHERE d.id = l.id
    RETURNING l.bytes
  )
  UPDATE stored_bytes s
  SET bytes = s.bytes - (SELECT coalesce(sum(bytes), 0) FROM dropped),
      dropped_to = coalesce((SELECT max(received_at) FROM chosen), s.dropped_to)
  FROM stored WHERE s.integration_id = stored.integration_id
  RETURNING s.bytes, coalesce(s.counted_at < now() - interval '1 minute', true) AS "isCountOld",
            (SELECT count(*) FROM dropped) AS dropped,
            (SELECT count(*) FROM oldest) AS seen`;

interface DropRow {
  bytes: number;
  isCountOld: boolean;
  dropped: number;
  seen: number;
}

/**
 * Drops bodies and headers of what has ended, first received first. Their keys stay, so that repeats are known.
 *
 * @param options.target bytes that may stay
 * @param options.limit rows at most
 * @returns how many, and whether there are more to drop; the bytes that stay, and whether they were counted over a minute
 *   ago: what was received before, and ended late, is found after the next count
 */
export function dropEnded(
  pool: Pool,
  integrationId: string,
  { target, limit }: { target: number; limit: number },
): Promise<{ dropped: number; more: boolean; bytes: number; isCountOld: boolean }> {
  return inTransaction(pool, async (client) => {
    // As for replays: Postgres would collect and sort all that is kept, for each statement anew.
    await client.query('SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off');
    const { rows } = await client.query<DropRow>(dropSql, [integrationId, target, limit]);
    const nothing = { bytes: 0, dropped: 0, seen: 0, isCountOld: false };
    const { bytes, dropped, seen, isCountOld } = rows[0] ?? nothing;
    return { dropped, more: bytes > target && seen >= limit, bytes, isCountOld };
  });
}
