import type { Queryable } from '../pool';
import { type DrainStep, msUntilSql, type StepRow, stepOf, stepSql } from './drain-step';

const nextSql = stepSql(
  `SELECT * FROM deliveries d WHERE d.integration_id = i.id AND d.state = 'pending'
   ORDER BY d.sequence, d.position LIMIT 1`,
  msUntilSql('d.next_attempt_at'),
  `coalesce(d.next_attempt_at <= now(), true)
   OR EXISTS (SELECT FROM credentials k
              WHERE k.id = d.waits_for_credential AND k.version > d.waits_for_version)`,
);

/**
 * Extends the lease, and reads the status, the holds and the oldest pending delivery in the same moment. That one
 * holds those behind it: where it has to wait, nothing else is next.
 *
 * @returns null where the lease is lost or the integration gone
 */
export async function nextDelivery(
  db: Queryable,
  integrationId: string,
  leaseNumber: number,
  leaseMs: number,
): Promise<DrainStep | null> {
  const { rows } = await db.query<StepRow>({
    name: 'next-delivery',
    text: nextSql,
    values: [integrationId, leaseNumber, leaseMs],
  });
  return stepOf(rows[0]);
}
