import type { Queryable } from '../../pool';
import type { KeepLimits } from '../deliveries/accept';

/** What fails an integration more than once, and people are notified of once, at its beginning. */
export type IncidentKind = 'delivery_failed' | 'inbox_full';

/** @returns when it began; null where it had begun already, or the integration is gone */
export async function insertIncident(
  client: Queryable,
  integrationId: string,
  kind: IncidentKind,
): Promise<Date | null> {
  const { rows } = await client.query<{ at: Date }>(
    `INSERT INTO integration_episodes (integration_id, kind)
     SELECT id, $2::text FROM integrations WHERE id = $1::text AND deleted_at IS NULL
     ON CONFLICT DO NOTHING RETURNING began_at AS at`,
    [integrationId, kind],
  );
  return rows[0]?.at ?? null;
}

/** Ends the fullness of inboxes that have room again: a tenth of either limit, so that it doesn't come and go. */
export async function endFullness(
  db: Queryable,
  { keepLimit, keepLimitBytes }: KeepLimits,
): Promise<void> {
  await db.query(
    `DELETE FROM integration_episodes e WHERE e.kind = 'inbox_full' AND NOT EXISTS (
       SELECT FROM deliveries d WHERE d.integration_id = e.integration_id AND d.state = 'pending'
       ORDER BY d.sequence OFFSET greatest($1::int * 9 / 10 - 1, 0) LIMIT 1)
     AND NOT EXISTS (
       SELECT FROM stored_bytes s
       WHERE s.integration_id = e.integration_id AND s.bytes >= $2::bigint * 9 / 10)`,
    [keepLimit, keepLimitBytes],
  );
}
