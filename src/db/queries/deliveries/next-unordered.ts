import type { Queryable } from '../../pool';
import { type DrainStep, leaseSql, msUntilSql, type StepRow, stepOf, stepSql } from './lease';

/** Of the integration `i`, and not in flight ($4). */
const others = `d.integration_id = i.id AND d.state = 'pending' AND d.id <> ALL ($4::text[])`;

/**
 * Each kind by an index of its own: what has waited long enough, what waits for a token that has come, and the oldest
 * that was never tried, from $5 on, so that thousands that wait at the head of the queue are passed once and not at
 * every step.
 */
const pickSql = `
  SELECT * FROM (
    (SELECT * FROM deliveries d WHERE ${others} AND d.next_attempt_at <= now()
     ORDER BY d.next_attempt_at LIMIT 1)
    UNION ALL
    (SELECT d.* FROM deliveries d
     JOIN credentials k ON k.id = d.waits_for_credential AND k.version > d.waits_for_version
     WHERE ${others} AND d.waits_for_credential IS NOT NULL AND d.next_attempt_at > now() LIMIT 1)
    UNION ALL
    (SELECT * FROM deliveries d
     WHERE ${others} AND d.next_attempt_at IS NULL AND d.sequence >= $5::bigint
     ORDER BY d.sequence, d.position LIMIT 1)
  ) candidates ORDER BY (next_attempt_at IS NULL) = $6::boolean LIMIT 1`;

const earliestSql = `
  CASE WHEN d.id IS NULL THEN (
    SELECT ${msUntilSql('d.next_attempt_at')} FROM deliveries d
    WHERE ${others} AND d.next_attempt_at IS NOT NULL ORDER BY d.next_attempt_at LIMIT 1
  ) END`;

const anySql = `WITH ${leaseSql('$1', '$2', '$3')} ${stepSql(pickSql, earliestSql, 'true', '$7')}`;

export interface UnorderedOptions {
  /** The deliveries that are being handled: these are passed over. */
  inFlight: readonly string[];
  /** Among those that were never tried, none with a lower number. */
  fromSequence: number;
  /** Where there are both: one that has waited before one that was never tried. */
  waitedFirst: boolean;
}

/**
 * As `nextOrdered`, of an integration whose deliveries have no order: any that may be tried now, beside those that
 * are being handled.
 */
export async function nextUnordered(
  db: Queryable,
  integrationId: string,
  lease: { fencingToken: number; ms: number },
  { inFlight, fromSequence, waitedFirst }: UnorderedOptions,
  alongBytes: number,
): Promise<DrainStep | null> {
  const { rows } = await db.query<StepRow>({
    name: 'next-of-any',
    text: anySql,
    values: [
      ...[integrationId, lease.fencingToken, lease.ms],
      ...[inFlight, fromSequence, waitedFirst, alongBytes],
    ],
  });
  return stepOf(rows[0]);
}
