import type { Queryable } from '../../pool';
import { msUntilSql } from './drain-step';

export type LeaseAttempt =
  /** `number` rises with every lease: what an older one still writes is refused. */
  | { kind: 'taken'; number: number }
  /** Another drain holds it; a successor starts nothing earlier than this. */
  | { kind: 'busy'; until: Date; waitMs: number }
  | { kind: 'gone' };

/** Takes the right to drain an integration's inbox, for `leaseMs` from the database's now. */
export async function takeLease(
  db: Queryable,
  integrationId: string,
  leaseMs: number,
): Promise<LeaseAttempt> {
  const taken = await db.query<{ number: number }>(
    `INSERT INTO drain_leases AS l (integration_id, number, until)
     SELECT id, 1, now() + $2::float8 * interval '1 millisecond' FROM integrations WHERE id = $1::text
     ON CONFLICT (integration_id) DO UPDATE SET number = l.number + 1, until = excluded.until
     WHERE l.until <= now()
     RETURNING number`,
    [integrationId, leaseMs],
  );
  if (taken.rows[0] !== undefined) return { kind: 'taken', number: taken.rows[0].number };
  // One that was released meanwhile has no time any more: it is tried again soon.
  const held = await db.query<{ until: Date; waitMs: number }>(
    `SELECT greatest(until, now()) AS until, ${msUntilSql('greatest(until, now())')} AS "waitMs"
     FROM drain_leases WHERE integration_id = $1::text`,
    [integrationId],
  );
  return held.rows[0] === undefined ? { kind: 'gone' } : { kind: 'busy', ...held.rows[0] };
}

/** Lets the next drain start at once. The number stays: it must never come again. */
export async function releaseLease(
  db: Queryable,
  integrationId: string,
  number: number,
): Promise<void> {
  await db.query(
    // Not now(): a renewal that waits behind this one compares with its own, older now().
    `UPDATE drain_leases SET until = '-infinity' WHERE integration_id = $1::text AND number = $2::bigint
     AND until > now()`,
    [integrationId, number],
  );
}

/** @returns whether its integration is held now; null where the lease is lost */
export async function renewLease(
  db: Queryable,
  integrationId: string,
  number: number,
  leaseMs: number,
): Promise<{ held: boolean } | null> {
  const { rows } = await db.query<{ held: boolean }>(
    `UPDATE drain_leases SET until = now() + $3::float8 * interval '1 millisecond'
     WHERE integration_id = $1::text AND number = $2::bigint AND until > now()
     RETURNING EXISTS (SELECT FROM integrations i JOIN holds h ON h.user_id IN ('', i.user_id)
                       WHERE i.id = $1::text) AS held`,
    [integrationId, number, leaseMs],
  );
  return rows[0] ?? null;
}
