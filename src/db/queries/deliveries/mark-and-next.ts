import type { Queryable } from '../../pool';
import type { FailingDestination } from '../../../../workflows/contract/status';
import { type DestinationNews, failingOf, failingSql, newsCtes } from './failing-destinations';
import { type DrainStep, leaseSql, msUntilSql, type StepRow, stepOf, stepSql } from './lease';

/** An attempt as it is written, with what becomes of its delivery. */
export interface AttemptRecord {
  deliveryId: string;
  integrationId: string;
  fencingToken: number;
  state: 'pending' | 'handled' | 'failed';
  /** From 1. */
  number: number;
  /** Whether it is one of the delivery's attempts; waiting for a token is none. */
  counts: boolean;
  /** The credential, and its version, that has to be replaced first; null where it waits for none. */
  waitsFor: { id: string; version: number } | null;
  durationMs: number;
  /** The HTTP status of the answer, where there was one. */
  status: number | null;
  error: string | null;
  answer: string | null;
  /** Whole milliseconds until it is tried again; null where it isn't. */
  delayMs: number | null;
  /** Null where nothing changes. */
  destination: DestinationNews | null;
}

/** The error without a handler's frames, which stand with the attempt alone. */
const messageSql = "split_part($8::text, E'\\n    at ', 1)";

/** `markDelivery` as common table expressions, for `markValues`; `marked` has a row if it was. */
const markCtes = `
  marked AS (
    UPDATE deliveries d
    SET state = $4::text, attempts = CASE WHEN $11::boolean THEN $5::int ELSE d.attempts END,
        error = ${messageSql},
        handled_at = CASE WHEN $4::text = 'handled' THEN now() END,
        ended_at = CASE WHEN $4::text <> 'pending' THEN now() END,
        next_attempt_at = now() + $10::float8 * interval '1 millisecond',
        waits_for_credential = $12::text, waits_for_version = $13::int
    FROM drain_leases l
    WHERE d.id = $1::text AND d.state = 'pending'
      AND l.integration_id = $2::text AND l.number = $3::bigint
    RETURNING d.id
  ), attempt AS (
    INSERT INTO delivery_attempts (delivery_id, number, duration_ms, status, error, answer, delay_ms)
    SELECT id, $5::int, $6::int, $7::int, $8::text, $9::text, $10::float8::int FROM marked
    WHERE $11::boolean
    ON CONFLICT (delivery_id, number) DO NOTHING
  ), episode AS (
    DELETE FROM integration_episodes e USING marked
    WHERE $4::text = 'handled' AND e.integration_id = $2::text AND e.kind = 'delivery_failed'
      AND e.began_at <= now() - interval '1 hour'
  )`;

const markValues = (record: AttemptRecord): unknown[] => [
  record.deliveryId,
  record.integrationId,
  record.fencingToken,
  record.state,
  record.number,
  record.durationMs,
  record.status,
  record.error,
  record.answer,
  record.delayMs,
  record.counts,
  record.waitsFor?.id ?? null,
  record.waitsFor?.version ?? null,
];

const markStatements = {
  'says nothing': { name: 'mark-delivery', text: `WITH ${markCtes} SELECT FROM marked` },
  answers: {
    name: 'mark-answered',
    text: `WITH ${markCtes}, ${newsCtes.answers('$2')} SELECT FROM marked`,
  },
  fails: {
    name: 'mark-failing',
    text: `WITH ${markCtes}, ${newsCtes.fails('$2', '$14', messageSql, '$10::float8')}
      SELECT ${failingSql('f')} AS failing FROM marked LEFT JOIN failing f ON true`,
  },
};

/**
 * Writes an attempt and what becomes of its delivery, fenced by the lease's token: a drain that was
 * overtaken marks nothing. One that is handled ends an incident of failures that is an hour old.
 *
 * @returns what is known of a destination that fails; null where the lease was lost, or the delivery is not pending any more
 */
export async function markDelivery(
  db: Queryable,
  record: AttemptRecord,
): Promise<{ failing: FailingDestination | null } | null> {
  const { destination } = record;
  const { rows } = await db.query<{ failing?: FailingDestination | null }>({
    ...markStatements[destination?.kind ?? 'says nothing'],
    values: [...markValues(record), ...(destination?.kind === 'fails' ? [destination.origin] : [])],
  });
  return rows[0] === undefined ? null : { failing: failingOf(rows[0].failing ?? null) };
}

const oldestSql = (passedOver: string, alongBytes: string) =>
  stepSql(
    `SELECT * FROM deliveries d WHERE d.integration_id = i.id AND d.state = 'pending'
       AND ${passedOver}
     ORDER BY d.sequence, d.position LIMIT 1`,
    msUntilSql('d.next_attempt_at'),
    `coalesce(d.next_attempt_at <= now(), true)
     OR EXISTS (SELECT FROM credentials k
                WHERE k.id = d.waits_for_credential AND k.version > d.waits_for_version)`,
    alongBytes,
  );

const nextSql = `WITH ${leaseSql('$1', '$2', '$3')} ${oldestSql('true', '$4')}`;

/**
 * Extends the lease, and reads the status, the holds and the oldest pending delivery in the same moment. That one
 * holds those behind it: where it has to wait, nothing else is next.
 *
 * @param alongBytes how large a body and its headers may be for the body to come along
 * @returns null where the lease is lost or the integration gone
 */
export async function nextOrdered(
  db: Queryable,
  integrationId: string,
  fencingToken: number,
  leaseMs: number,
  alongBytes: number,
): Promise<DrainStep | null> {
  const { rows } = await db.query<StepRow>({
    name: 'next-delivery',
    text: nextSql,
    values: [integrationId, fencingToken, leaseMs, alongBytes],
  });
  return stepOf(rows[0]);
}

// What the statement has marked still looks pending to it.
const markAndNextSql = `
  WITH ${markCtes}, ${leaseSql('$2', '$3', '$14')}, step AS (${oldestSql('d.id <> $1::text', '$15')})
  SELECT m.marked, step.* FROM (SELECT EXISTS (SELECT FROM marked) AS marked) m
  LEFT JOIN step ON true`;

export interface MarkedAndNext {
  /** As `markDelivery` says it. */
  marked: boolean;
  /** As `nextOrdered` says it. */
  step: DrainStep | null;
}

/** `markDelivery`, of what says nothing, and `nextOrdered` in one statement: a queue pays for one commit a delivery, and for one way there and back. */
export async function markAndNext(
  db: Queryable,
  record: AttemptRecord,
  leaseMs: number,
  alongBytes: number,
): Promise<MarkedAndNext> {
  const { rows } = await db.query<StepRow & { marked: boolean }>({
    name: 'mark-and-next',
    text: markAndNextSql,
    values: [...markValues(record), leaseMs, alongBytes],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('the statement answered without a row');
  const { marked, ...step } = row;
  // Of a left join that has found nothing every column is null.
  return { marked, step: (step.status as string | null) === null ? null : stepOf(step) };
}
