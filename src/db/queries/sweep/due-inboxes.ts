import type { Queryable } from '../../pool';

/** Entries of the index of pending deliveries that one page looks at. */
const lookAhead = 20_000;

/** Whether the order is kept, and the oldest is due; or there is none, and any is. */
const dueSql = `
  CASE WHEN i.handling_order = 'strict' THEN (
    SELECT d.next_attempt_at IS NULL OR d.next_attempt_at <= now() OR EXISTS (
             SELECT FROM credentials k
             WHERE k.id = d.waits_for_credential AND k.version > d.waits_for_version)
    FROM deliveries d WHERE d.integration_id = i.id AND d.state = 'pending'
    ORDER BY d.sequence, d.position LIMIT 1
  ) ELSE EXISTS (
    SELECT FROM deliveries d WHERE d.integration_id = i.id AND d.state = 'pending'
      AND d.next_attempt_at <= now()
  ) OR EXISTS (
    SELECT FROM deliveries d JOIN credentials k ON k.id = d.waits_for_credential
    WHERE d.integration_id = i.id AND d.state = 'pending' AND d.waits_for_credential IS NOT NULL
      AND k.version > d.waits_for_version
  ) OR EXISTS (
    SELECT FROM deliveries d WHERE d.integration_id = i.id AND d.state = 'pending'
      AND d.next_attempt_at IS NULL
  ) END`;

/**
 * ENABLED, unheld integrations with something due that nobody is draining or has put off. The ids of the ENABLED and unheld are
 * one array, and the index of pending deliveries is walked once along it: what is idle has no entry there, and what
 * is parked or held is stepped over, however much it keeps. (A look at each integration by itself costs ten
 * times as much.) Of a long queue that waits for its time every entry is met: `until` says where such a walk was
 * broken off, and the next page goes on behind that integration.
 */
const sql = `
  WITH entry AS MATERIALIZED (
    SELECT d.integration_id FROM deliveries d
    WHERE d.state = 'pending' AND d.integration_id = ANY (ARRAY (
      SELECT i.id FROM integrations i
      WHERE i.status = 'ENABLED' AND i.deleted_at IS NULL AND i.id > $1::text
        AND NOT EXISTS (SELECT FROM holds h WHERE h.user_id = '')
        AND NOT EXISTS (SELECT FROM holds h WHERE h.user_id = i.user_id)))
    ORDER BY d.integration_id, d.sequence, d.position LIMIT $3::int
  ), due AS (
    SELECT i.id FROM integrations i
    WHERE i.id IN (SELECT integration_id FROM entry) AND ${dueSql}
      AND NOT EXISTS (SELECT FROM drain_leases l WHERE l.integration_id = i.id
                        AND (l.until > now() OR l.put_off_until > now()))
    ORDER BY i.id LIMIT $2::int
  ), walk AS (
    SELECT CASE WHEN count(*) = $3::int THEN max(integration_id) END AS until FROM entry
  )
  SELECT due.id, walk.until FROM walk LEFT JOIN due ON true ORDER BY due.id`;

/** @returns whom to signal, and the id that the next page goes on behind; null at the end */
export async function dueInboxes(
  db: Queryable,
  { after, limit }: { after: string; limit: number },
): Promise<{ ids: string[]; after: string | null }> {
  const { rows } = await db.query<{ id: string | null; until: string | null }>(sql, [
    after,
    limit,
    lookAhead,
  ]);
  const ids = rows.flatMap(({ id }) => id ?? []);
  const last = ids.length === limit ? ids.at(-1) : rows[0]?.until;
  return { ids, after: last ?? null };
}
