import type { Queryable } from '../../pool';
import { type DrainStep, leaseSql, msUntilSql, type StepRow, stepOf, stepSql } from './drain-step';
import { type AttemptRecord, markCtes, markValues } from './mark';

const oldestSql = (passedOver: string) =>
  stepSql(
    `SELECT * FROM deliveries d WHERE d.integration_id = i.id AND d.state = 'pending'
       AND ${passedOver}
     ORDER BY d.sequence, d.position LIMIT 1`,
    msUntilSql('d.next_attempt_at'),
    `coalesce(d.next_attempt_at <= now(), true)
     OR EXISTS (SELECT FROM credentials k
                WHERE k.id = d.waits_for_credential AND k.version > d.waits_for_version)`,
  );

const nextSql = `WITH ${leaseSql('$1', '$2', '$3')} ${oldestSql('true')}`;

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

// What the statement has marked still looks pending to it.
const markAndNextSql = `
  WITH ${markCtes}, ${leaseSql('$2', '$3', '$14')}, step AS (${oldestSql('d.id <> $1::text')})
  SELECT m.marked, step.* FROM (SELECT EXISTS (SELECT FROM marked) AS marked) m
  LEFT JOIN step ON true`;

export interface MarkedAndNext {
  /** As `markDelivery` says it. */
  marked: boolean;
  /** As `nextDelivery` says it. */
  step: DrainStep | null;
}

/** `markDelivery` and `nextDelivery` in one statement: a queue pays for one commit a delivery, and for one way there and back. */
export async function markAndNext(
  db: Queryable,
  record: AttemptRecord,
  leaseMs: number,
): Promise<MarkedAndNext> {
  const { rows } = await db.query<StepRow & { marked: boolean }>({
    name: 'mark-and-next',
    text: markAndNextSql,
    values: [...markValues(record), leaseMs],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('the statement answered without a row');
  const { marked, ...step } = row;
  // Of a left join that has found nothing every column is null.
  return { marked, step: (step.status as string | null) === null ? null : stepOf(step) };
}
