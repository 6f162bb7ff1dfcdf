import { newId } from '../../ids';
import type { Queryable } from '../pool';

export interface NewNotice {
  /** Keeps the order: an integration's id, or `app:<provider>`. */
  stream: string;
  integrationId: string | null;
  transition: number | null;
  type: string;
  /** The body that will be posted, JSON text. */
  payload: string;
}

/** Puts a notice into the outbox; one for a transition and type, however often it is asked. */
export async function addNotice(db: Queryable, notice: NewNotice): Promise<void> {
  await db.query(
    `INSERT INTO notices (id, stream, integration_id, transition, type, payload)
     VALUES ($1::text, $2::text, $3::text, $4::int, $5::text, $6::text)
     ON CONFLICT (integration_id, transition, type) DO NOTHING`,
    [
      newId('ntc'),
      notice.stream,
      notice.integrationId,
      notice.transition,
      notice.type,
      notice.payload,
    ],
  );
}

export interface WaitingNotice {
  sequence: number;
  id: string;
  type: string;
  payload: string;
  attempts: number;
  createdAt: Date;
  nextAttemptAt: Date;
  due: boolean;
}

/** The oldest notice of a stream that was not delivered: the ones behind it wait for it. */
export async function nextNotice(db: Queryable, stream: string): Promise<WaitingNotice | null> {
  const { rows } = await db.query<WaitingNotice>(
    `SELECT sequence, id, type, payload, attempts, created_at AS "createdAt",
            next_attempt_at AS "nextAttemptAt", next_attempt_at <= now() AS due
     FROM notices WHERE stream = $1::text AND ended_at IS NULL ORDER BY sequence LIMIT 1`,
    [stream],
  );
  return rows[0] ?? null;
}

export async function endNotice(
  db: Queryable,
  sequence: number,
  result: { delivered: boolean; error: string | null },
): Promise<void> {
  await db.query(
    `UPDATE notices SET ended_at = now(), delivered = $2::boolean, error = $3::text,
            attempts = attempts + 1
     WHERE sequence = $1::bigint AND ended_at IS NULL`,
    [sequence, result.delivered, result.error],
  );
}

/** @returns when it is tried again */
export async function postponeNotice(
  db: Queryable,
  sequence: number,
  delayMs: number,
  error: string,
): Promise<Date> {
  const { rows } = await db.query<{ at: Date }>(
    `UPDATE notices SET attempts = attempts + 1, error = $3::text,
            next_attempt_at = now() + $2::float8 * interval '1 millisecond'
     WHERE sequence = $1::bigint RETURNING next_attempt_at AS at`,
    [sequence, delayMs, error],
  );
  return rows[0]?.at ?? new Date(Date.now() + delayMs);
}
