import type { Queryable } from '../../pool';

/** One attempt at a notice; its number is the fence for what is written of it. */
export interface NoticeAttempt {
  sequence: number;
  /** From 1. */
  attempt: number;
}

/**
 * Begins an attempt: until the claim's end nobody else begins one. Of an attempt whose process died nothing is known,
 * and so the notice may have arrived from then on.
 *
 * @returns null where another is under way, or the notice has ended
 */
export async function claimNotice(
  db: Queryable,
  sequence: number,
  claimMs: number,
): Promise<NoticeAttempt | null> {
  const { rows } = await db.query<NoticeAttempt>(
    `UPDATE notices
     SET attempts = attempts + 1,
         may_have_arrived = may_have_arrived OR claimed_until IS NOT NULL,
         claimed_until = now() + $2::float8 * interval '1 millisecond'
     WHERE sequence = $1::bigint AND ended_at IS NULL AND coalesce(claimed_until <= now(), true)
     RETURNING sequence, attempts AS attempt`,
    [sequence, claimMs],
  );
  return rows[0] ?? null;
}

export interface NoticeEnd {
  outcome: 'delivered' | 'refused' | 'given_up';
  error: string | null;
  mayHaveArrived: boolean;
}

/** @returns false where another attempt was begun meanwhile, or it had ended: nothing is written */
export async function endNotice(
  db: Queryable,
  { sequence, attempt }: NoticeAttempt,
  { outcome, error, mayHaveArrived }: NoticeEnd,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE notices SET ended_at = now(), outcome = $3::text, error = $4::text,
            claimed_until = NULL, may_have_arrived = may_have_arrived OR $5::boolean
     WHERE sequence = $1::bigint AND attempts = $2::int AND ended_at IS NULL`,
    [sequence, attempt, outcome, error, mayHaveArrived],
  );
  return rowCount === 1;
}

export interface FailedAttempt {
  delayMs: number;
  error: string;
  mayHaveArrived: boolean;
}

/** @returns when it is tried again; null where it is three days old, or was overtaken: nothing is written */
export async function postponeNotice(
  db: Queryable,
  { sequence, attempt }: NoticeAttempt,
  { delayMs, error, mayHaveArrived }: FailedAttempt,
): Promise<Date | null> {
  const { rows } = await db.query<{ at: Date }>(
    `UPDATE notices
     SET claimed_until = NULL, error = $4::text,
         may_have_arrived = may_have_arrived OR $5::boolean,
         next_attempt_at = least(now() + $3::float8 * interval '1 millisecond',
                                 created_at + interval '3 days')
     WHERE sequence = $1::bigint AND attempts = $2::int AND ended_at IS NULL
       AND created_at > now() - interval '3 days'
     RETURNING next_attempt_at AS at`,
    [sequence, attempt, delayMs, error, mayHaveArrived],
  );
  return rows[0]?.at ?? null;
}
