import { newId } from '../../../lib/ids';
import type { Queryable } from '../../pool';

export interface NewNotification {
  /** Keeps the order: an integration's id, or `app:<provider>`. */
  stream: string;
  integrationId: string | null;
  transition: number | null;
  type: string;
  /** The body that will be posted, JSON text. */
  payload: string;
}

/** Puts a notification into the outbox; one for a transition and type, however often it is asked. */
export async function addNotification(db: Queryable, notification: NewNotification): Promise<void> {
  await db.query(
    `INSERT INTO notices (id, stream, integration_id, transition, type, payload)
     VALUES ($1::text, $2::text, $3::text, $4::int, $5::text, $6::text)
     ON CONFLICT (integration_id, transition, type) DO NOTHING`,
    [
      newId('ntc'),
      notification.stream,
      notification.integrationId,
      notification.transition,
      notification.type,
      notification.payload,
    ],
  );
}

export interface WaitingNotification {
  sequence: number;
  id: string;
  type: string;
  /** Null where it is about the application itself. */
  integrationId: string | null;
  payload: string;
  /** Attempts that were begun. */
  attempts: number;
  /** Why the last one failed. */
  error: string | null;
  /** When it may be tried: its own time, or the end of an attempt that is under way. */
  at: Date;
  due: boolean;
  /** An attempt was begun of which nothing is written yet. */
  claimed: boolean;
  /** It is three days old; one that only waited behind others has a day more, for one attempt. */
  tooOld: boolean;
  ageSeconds: number;
}

/** The oldest notification of a stream that has not ended: the ones behind it wait for it. */
export async function nextNotification(
  db: Queryable,
  stream: string,
): Promise<WaitingNotification | null> {
  const { rows } = await db.query<WaitingNotification>(
    `SELECT sequence, id, type, integration_id AS "integrationId", payload, attempts, error, at, at <= now() AS due, claimed,
            created_at <= now() - CASE WHEN attempts = 0 THEN interval '4 days'
                                       ELSE interval '3 days' END AS "tooOld",
            extract(epoch FROM now() - created_at)::int AS "ageSeconds"
     FROM (SELECT *, greatest(next_attempt_at, claimed_until) AS at,
                  claimed_until IS NOT NULL AS claimed
           FROM notices WHERE stream = $1::text AND ended_at IS NULL
           ORDER BY sequence LIMIT 1) oldest`,
    [stream],
  );
  return rows[0] ?? null;
}

/** Ends all that waits in a stream, where there is nobody to tell. @returns how many */
export async function endUnsent(db: Queryable, stream: string): Promise<number> {
  const { rowCount } = await db.query(
    `UPDATE notices SET ended_at = now(), outcome = 'not_configured', claimed_until = NULL,
            reconnect_code = NULL
     WHERE stream = $1::text AND ended_at IS NULL`,
    [stream],
  );
  return rowCount ?? 0;
}

/** What a notification says of its integration beside the status. */
export interface NotificationSubject {
  metadata: unknown;
  /** Of the last transition, by the database's clock. */
  at: Date;
}

/**
 * Keeps the integration's row from a transition until the caller's commit: what is read of it from now on is what its
 * notification is about, and the notification's number is that of its place.
 *
 * @returns null where there is no such integration
 */
export async function readNotificationSubject(
  client: Queryable,
  integrationId: string,
): Promise<NotificationSubject | null> {
  const { rows } = await client.query<NotificationSubject>(
    `SELECT metadata, status_since AS at FROM integrations
     WHERE id = $1::text AND deleted_at IS NULL FOR KEY SHARE`,
    [integrationId],
  );
  return rows[0] ?? null;
}

/** One attempt at a notification; its number is the fence for what is written of it. */
interface NotificationAttempt {
  sequence: number;
  /** From 1. */
  attempt: number;
}

interface BegunAttempt extends NotificationAttempt {
  /** The code of its reconnect address, if its first attempt gave it one. */
  sealedCode: Buffer | null;
}

/**
 * Begins an attempt: until the claim's end nobody else begins one. Of an attempt whose process died nothing is known,
 * and so the notification may have arrived from then on.
 *
 * @returns null where another is under way, or the notification has ended
 */
export async function claimNotification(
  db: Queryable,
  sequence: number,
  claimMs: number,
): Promise<BegunAttempt | null> {
  const { rows } = await db.query<BegunAttempt>(
    `UPDATE notices
     SET attempts = attempts + 1,
         may_have_arrived = may_have_arrived OR claimed_until IS NOT NULL,
         claimed_until = now() + $2::float8 * interval '1 millisecond'
     WHERE sequence = $1::bigint AND ended_at IS NULL AND coalesce(claimed_until <= now(), true)
     RETURNING sequence, attempts AS attempt, reconnect_code AS "sealedCode"`,
    [sequence, claimMs],
  );
  return rows[0] ?? null;
}

/** For every further attempt: repeats are identical. In the transaction of the claim. */
export async function keepReconnectCode(
  client: Queryable,
  sequence: number,
  sealedCode: Buffer,
): Promise<void> {
  await client.query('UPDATE notices SET reconnect_code = $2::bytea WHERE sequence = $1::bigint', [
    sequence,
    sealedCode,
  ]);
}

interface NotificationEnd {
  outcome: 'delivered' | 'refused' | 'given_up';
  error: string | null;
  mayHaveArrived: boolean;
}

/** @returns false where another attempt was begun meanwhile, or it had ended: nothing is written */
export async function endNotification(
  db: Queryable,
  { sequence, attempt }: NotificationAttempt,
  { outcome, error, mayHaveArrived }: NotificationEnd,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE notices SET ended_at = now(), outcome = $3::text, error = $4::text,
            claimed_until = NULL, may_have_arrived = may_have_arrived OR $5::boolean,
            reconnect_code = NULL
     WHERE sequence = $1::bigint AND attempts = $2::int AND ended_at IS NULL`,
    [sequence, attempt, outcome, error, mayHaveArrived],
  );
  return rowCount === 1;
}

interface FailedAttempt {
  delayMs: number;
  error: string;
  mayHaveArrived: boolean;
}

/** @returns when it is tried again; null where it is three days old, or was overtaken: nothing is written */
export async function postponeNotification(
  db: Queryable,
  { sequence, attempt }: NotificationAttempt,
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
