import type { Queryable } from '../../pool';

/** Inboxes beyond these are not looked at. */
const mostInboxes = 100_000;

/** What is not handled yet. A time is null where there is none. */
export interface Backlog {
  /** Pending and not parked, those that wait for their next attempt too. */
  due: number;
  parked: number;
  /**
   * Of those that are next in their inbox: when the oldest was received or queued again, and since when its integration is ENABLED, if
   * that is later.
   */
  oldestDueAt: Date | null;
  /** When the oldest of those that are next in their inbox was received or queued again. */
  oldestParkedAt: Date | null;
}

/**
 * The index of pending deliveries is stepped through from integration to integration: one that keeps a hundred thousand
 * hides none of the others. Sequential and bitmap scans would read all of it first; see `pending_up_to`.
 *
 * @param db a transaction, which reads by index alone from then on
 * @param countAtMost counting stops here: of more there are at least so many
 */
export async function readBacklog(db: Queryable, countAtMost: number): Promise<Backlog> {
  await db.query('SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off');
  const { rows } = await db.query<Backlog>(
    `WITH RECURSIVE inbox AS (
       (SELECT integration_id FROM deliveries WHERE state = 'pending'
        ORDER BY integration_id LIMIT 1)
       UNION ALL
       SELECT (SELECT d.integration_id FROM deliveries d
               WHERE d.state = 'pending' AND d.integration_id > inbox.integration_id
               ORDER BY d.integration_id LIMIT 1)
       FROM inbox WHERE inbox.integration_id IS NOT NULL
     ), standing AS MATERIALIZED (
       SELECT i.id, i.status_since, i.status <> 'ENABLED'
                    OR EXISTS (SELECT FROM holds h WHERE h.user_id IN ('', i.user_id)) AS is_parked
       FROM (SELECT integration_id FROM inbox LIMIT $2::int) walked
       JOIN integrations i ON i.id = walked.integration_id AND i.deleted_at IS NULL
     ), oldest AS (
       SELECT s.is_parked, min(first.at) AS at
       FROM standing s CROSS JOIN LATERAL (
         SELECT greatest(coalesce(d.requeued_at, d.received_at),
                         CASE WHEN NOT s.is_parked THEN s.status_since END) AS at FROM deliveries d
         WHERE d.integration_id = s.id AND d.state = 'pending'
         ORDER BY d.sequence, d.position LIMIT 1) first
       GROUP BY 1
     )
     SELECT ${countSql(false)} AS due, ${countSql(true)} AS parked,
            (SELECT at FROM oldest WHERE NOT is_parked) AS "oldestDueAt",
            (SELECT at FROM oldest WHERE is_parked) AS "oldestParkedAt"`,
    [countAtMost, mostInboxes],
  );
  return rows[0] ?? { due: 0, parked: 0, oldestDueAt: null, oldestParkedAt: null };
}

const countSql = (isParked: boolean) => `(
  SELECT count(*)::int FROM (
    SELECT FROM standing s CROSS JOIN LATERAL (
      SELECT FROM deliveries d
      WHERE d.integration_id = s.id AND d.state = 'pending' LIMIT $1::int) pending
    WHERE s.is_parked = ${isParked} LIMIT $1::int) n)`;
