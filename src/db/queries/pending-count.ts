import type { Queryable } from '../pool';

/** How many webhooks of an integration wait to be handled. */
export async function countPending(db: Queryable, integrationId: string): Promise<number> {
  const { rows } = await db.query<{ pending: number }>(
    `SELECT count(*)::int AS pending FROM deliveries
      WHERE integration_id = $1::text AND state = 'pending'`,
    [integrationId],
  );
  return rows[0]?.pending ?? 0;
}
