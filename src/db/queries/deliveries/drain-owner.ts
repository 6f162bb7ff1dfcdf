import type { Queryable } from '../../pool';

/** Whose drain it is, and what it waits for. */
export interface DrainOwner {
  userId: string;
  handler: string;
  destinationUrl: string | null;
}

/** Of the integration `i`. */
export const ownerSql = `i.user_id AS "userId", i.handler, i.destination_url AS "destinationUrl"`;

/** Without the lease. @returns undefined where the integration is gone */
export async function readDrainOwner(
  db: Queryable,
  integrationId: string,
): Promise<DrainOwner | undefined> {
  const { rows } = await db.query<DrainOwner>({
    name: 'drain-owner',
    text: `SELECT ${ownerSql} FROM integrations i WHERE i.id = $1::text`,
    values: [integrationId],
  });
  return rows[0];
}

/** For so long the sweep leaves alone what is due: Temporal runs the drain again after it. */
export async function putOffDrain(db: Queryable, integrationId: string, ms: number): Promise<void> {
  await db.query(
    // Of one that was never drained there is no lease yet: its first has the number 1.
    `INSERT INTO drain_leases (integration_id, number, until, put_off_until)
     SELECT id, 0, '-infinity', now() + $2::float8 * interval '1 millisecond'
     FROM integrations WHERE id = $1::text
     ON CONFLICT (integration_id) DO UPDATE SET put_off_until = excluded.put_off_until`,
    [integrationId, ms],
  );
}
