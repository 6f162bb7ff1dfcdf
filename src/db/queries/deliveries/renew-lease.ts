import type { Queryable } from '../../pool';

/** @returns whether its integration is held now; null where the lease is lost */
export async function renewLease(
  db: Queryable,
  integrationId: string,
  fencingToken: number,
  leaseMs: number,
): Promise<{ held: boolean } | null> {
  const { rows } = await db.query<{ held: boolean }>(
    `UPDATE drain_leases SET until = now() + $3::float8 * interval '1 millisecond'
     WHERE integration_id = $1::text AND number = $2::bigint AND until > now()
     RETURNING EXISTS (SELECT FROM integrations i JOIN holds h ON h.user_id IN ('', i.user_id)
                       WHERE i.id = $1::text) AS held`,
    [integrationId, fencingToken, leaseMs],
  );
  return rows[0] ?? null;
}
