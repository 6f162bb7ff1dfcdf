import type { Pool, Queryable } from '../../pool';
import { inTransaction } from '../../transaction';
import { releaseLease, takeLease } from './lease';
import { subtractCtes } from './stored-bytes';

/**
 * Since when a delivery has been kept. Within an integration it grows with the number: whatever goes to the end of
 * the queue once more has its time written then. So a look at the first tells whether there is any.
 */
const keptSince = 'coalesce(d.requeued_at, d.received_at)';

/**
 * Steps from one integration to the next in the index of pending deliveries, however many each has, and reads the
 * first of each: an index on the time of receipt would be one more to keep up with every webhook.
 */
const overdueSql = `
  WITH RECURSIVE step AS (
    (SELECT d.integration_id AS id, ${keptSince} AS since FROM deliveries d
     WHERE d.state = 'pending' AND d.integration_id > $1::text
     ORDER BY d.integration_id, d.sequence, d.position LIMIT 1)
    UNION ALL
    SELECT next.id, next.since FROM step CROSS JOIN LATERAL (
      SELECT d.integration_id AS id, ${keptSince} AS since FROM deliveries d
      WHERE d.state = 'pending' AND d.integration_id > step.id
      ORDER BY d.integration_id, d.sequence, d.position LIMIT 1
    ) next
  )
  SELECT id, since < now() - $2::int * interval '1 day' AS overdue
  FROM (SELECT * FROM step LIMIT $3::int) page`;

export interface OverduePage {
  /** Integrations that keep something for longer than the retention time. */
  ids: string[];
  /** Where the next page goes on; null at the end. */
  after: string | null;
}

/** @param after the last page's, or '' */
export async function overdueIntegrations(
  db: Queryable,
  { after, retentionDays, limit }: { after: string; retentionDays: number; limit: number },
): Promise<OverduePage> {
  const { rows } = await db.query<{ id: string; overdue: boolean }>(overdueSql, [
    after,
    retentionDays,
    limit,
  ]);
  const last = rows.length === limit ? rows.at(-1)?.id : undefined;
  return { ids: rows.filter(({ overdue }) => overdue).map(({ id }) => id), after: last ?? null };
}

/** Looks at no more rows than it may change, however many there are that have not been kept for so long. */
const expireSql = `
  WITH oldest AS MATERIALIZED (
    SELECT d.ctid, ${keptSince} AS since, d.integration_id, octet_length(d.body) AS bytes
    FROM deliveries d
    WHERE d.integration_id = $1::text AND d.state = 'pending'
    ORDER BY d.sequence, d.position LIMIT $3::int FOR UPDATE SKIP LOCKED
  ), freed AS MATERIALIZED (
    SELECT * FROM oldest WHERE since < now() - $2::int * interval '1 day'
  ), ${subtractCtes}, expired AS (
    UPDATE deliveries SET state = 'expired', ended_at = now(), body = '', next_attempt_at = NULL,
           waits_for_credential = NULL, waits_for_version = NULL
    WHERE ctid = ANY (ARRAY (SELECT ctid FROM freed))
    RETURNING id
  )
  SELECT count(*)::int AS count, (SELECT provider FROM integrations WHERE id = $1::text) AS provider FROM expired`;

/** Longer than the statements below take: within the transaction nobody sees it. */
const leaseMs = 20_000;

/**
 * Expires some of what an integration has kept for too long. It takes the drain's own lease, and gives it back in
 * the same transaction: a drain that begins meanwhile waits for some milliseconds, and what a drain is handling is
 * never touched.
 *
 * @returns how many, and of which provider; null where a drain has the lease, or the integration is gone
 */
export async function expireDeliveries(
  pool: Pool,
  integrationId: string,
  { retentionDays, limit }: { retentionDays: number; limit: number },
): Promise<{ count: number; provider: string } | null> {
  return inTransaction(pool, async (client) => {
    const lease = await takeLease(client, integrationId, leaseMs);
    if (lease.kind !== 'taken') return null;
    const values = [integrationId, retentionDays, limit];
    const { rows } = await client.query<{ count: number; provider: string }>(expireSql, values);
    await releaseLease(client, integrationId, lease.fencingToken);
    return rows[0] ?? null;
  });
}
