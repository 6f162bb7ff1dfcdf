import { maxDeliveryIdsPerSignal } from '../../../../workflows/contract/messages';
import type { Pool, Queryable } from '../../pool';
import { inTransaction } from '../../transaction';
import { isDroppedSql } from '../deliveries/drop-ended';

/** A statement's share: small, so that it holds no lock for long. */
export const maxFedAtOnce = 500;

/** What one statement did for a replay. */
interface Fed {
  integrationId: string;
  /** How many were put in the queue by it. */
  count: number;
  /** Some of them, for tracing. */
  deliveryIds: string[];
  ended: boolean;
  /** Whether the queue is handled at the moment: an actor that takes none is not told. */
  handling: boolean;
}

/**
 * Puts the next of a replay's deliveries at the end of the queue, in the order in which they were received, and
 * notes how far it came, all in one statement:
 * - The integration is locked first, as deletion does, and shared, so that it is seen whether it is DISABLED, or was
 *   meanwhile. Then the replay: of two that feed it, the second goes on where the first came to.
 * - Each state's are found in the index on state and time of receipt, and by nothing else.
 * - They are locked in the order of their keys, as the inbox does: two orders would deadlock. Whichever was sent
 *   again meanwhile, or was put in the queue by another replay, is pending and drops out here.
 * - Not what has lost its body to the limit of bytes.
 * - Only what ended before the replay was asked for: whatever it puts in the queue ends later, so nothing comes
 *   round again.
 * - Attempts are kept, and those to come are counted from here, as for a redelivery.
 */
const feedSql = `
  WITH integration AS MATERIALIZED (
    SELECT i.id, i.user_id, i.status FROM integrations i
    WHERE i.id = (SELECT integration_id FROM replays WHERE id = $1::text) AND i.deleted_at IS NULL
    FOR SHARE
  ), replay AS MATERIALIZED (
    SELECT r.*, i.status = 'DISABLED' OR EXISTS (
             SELECT FROM transitions t WHERE t.integration_id = i.id AND t.number > r.transition
               AND t.to_status = 'DISABLED') AS refused
    FROM replays r JOIN integration i ON i.id = r.integration_id
    WHERE r.id = $1::text AND r.ended_at IS NULL
    FOR UPDATE OF r
  ), chosen AS MATERIALIZED (
    SELECT c.id, c.received_at
    FROM replay r CROSS JOIN unnest(r.states) AS s (state)
    CROSS JOIN LATERAL (
      SELECT d.id, d.received_at FROM deliveries d
      WHERE d.integration_id = r.integration_id AND d.state = s.state
        AND (d.received_at, d.id) > (r.cursor_at, r.cursor_id) AND d.received_at < r.until_at
      ORDER BY d.received_at, d.id LIMIT $2::int
    ) c
    WHERE NOT r.refused ORDER BY c.received_at, c.id LIMIT $2::int
  ), locked AS MATERIALIZED (
    SELECT d.id, d.received_at
    FROM chosen JOIN deliveries d ON d.id = chosen.id CROSS JOIN replay r
    WHERE d.state = ANY (r.states) AND d.ended_at < r.created_at AND NOT ${isDroppedSql('d')}
      AND (r.delivery_id IS NULL OR d.id = r.delivery_id)
    ORDER BY d.dedupe_hash FOR UPDATE OF d
  ), numbered AS MATERIALIZED (
    SELECT id, nextval('delivery_sequence') AS sequence
    FROM (SELECT id FROM locked ORDER BY received_at, id) AS in_order
  ), queued AS (
    UPDATE deliveries d
    SET state = 'pending', sequence = n.sequence, claim = $1::text, attempts_before = d.attempts,
        next_attempt_at = NULL, waits_for_credential = NULL, waits_for_version = NULL,
        error = NULL, requeued_at = now(), handled_at = NULL, ended_at = NULL
    FROM numbered n WHERE d.id = n.id
    RETURNING d.id, d.sequence
  ), last AS (
    SELECT received_at, id FROM chosen ORDER BY received_at DESC, id DESC LIMIT 1
  ), come_to AS MATERIALIZED (
    SELECT replay.id, replay.refused,
           replay.refused OR (SELECT count(*) FROM chosen) < $2::int AS ended
    FROM replay
  )
  UPDATE replays r
  SET done = r.done + (SELECT count(*) FROM queued), fed_at = now(),
      cursor_at = coalesce((SELECT received_at FROM last), r.cursor_at),
      cursor_id = coalesce((SELECT id FROM last), r.cursor_id),
      ended_at = CASE WHEN c.ended THEN now() END,
      end_reason = CASE WHEN c.refused THEN 'integration_disabled'
                        WHEN c.ended THEN 'completed' END,
      in_background = NOT ($3::boolean AND c.ended)
  FROM come_to c CROSS JOIN integration i
  WHERE r.id = c.id
  RETURNING r.integration_id AS "integrationId", c.ended,
            (SELECT count(*) FROM queued) AS count,
            ARRAY (SELECT id FROM queued ORDER BY sequence LIMIT ${maxDeliveryIdsPerSignal}) AS "deliveryIds",
            i.status = 'ENABLED' AND NOT EXISTS (
              SELECT FROM holds h WHERE h.user_id IN ('', i.user_id)) AS handling`;

/**
 * Feeds the queue once.
 *
 * @param limit at most so many; with 0 it is only seen whether the replay may go on
 * @param inBackground false where nothing has started its workflow yet
 * @returns null where the replay has ended already, or is gone
 */
export function feedReplay(
  pool: Pool,
  id: string,
  { limit, inBackground }: { limit: number; inBackground: boolean },
): Promise<Fed | null> {
  return inTransaction(pool, async (client) => {
    // Where one integration has far more than the others, Postgres expects few rows, and would collect and sort
    // all that are left, for each statement anew, instead of reading the first of them in their order.
    await client.query('SET LOCAL enable_bitmapscan = off');
    const { rows } = await client.query<Fed>(feedSql, [id, limit, !inBackground]);
    return rows[0] ?? null;
  });
}

/**
 * How many deliveries a replay may put in its integration's queue: up to half of the keep limit, so that what arrives
 * meanwhile is never refused for it.
 *
 * @param keepLimit at most so many rows are counted, in the index on what is pending
 * @returns 0 where there is no room, or the replay is gone
 */
export async function replayRoom(
  db: Queryable,
  replayId: string,
  keepLimit: number,
): Promise<number> {
  const share = Math.ceil(keepLimit / 2);
  const { rows } = await db.query<{ pending: number }>(
    `SELECT (SELECT count(*) FROM (
               SELECT FROM deliveries d
               WHERE d.integration_id = r.integration_id AND d.state = 'pending' LIMIT $2::int
             ) counted) AS pending
     FROM replays r WHERE r.id = $1::text`,
    [replayId, share],
  );
  return share - (rows[0]?.pending ?? share);
}
