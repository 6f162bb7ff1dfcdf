import type { Queryable } from '../pool';

/** A request that named a key; both are SHA-256. */
export interface KeyedRequest {
  keyHash: Buffer;
  requestHash: Buffer;
}

/** `answer` is null while the first request with the key is under way. */
export interface FirstRequest {
  requestHash: Buffer;
  status: number | null;
  answer: Buffer | null;
}

/**
 * Takes a key, unless a request of the last 24 hours has it. One that has been under way for longer than
 * any request takes was cut off, and the same request may be made again.
 * @returns null once the key is the caller's, else what is known of the first request
 */
export async function takeKey(
  db: Queryable,
  { keyHash, requestHash }: KeyedRequest,
): Promise<FirstRequest | 'gone' | null> {
  const { rowCount } = await db.query(
    `WITH old AS (
       DELETE FROM idempotency_keys WHERE key_hash IN (
         SELECT key_hash FROM idempotency_keys
         WHERE created_at < now() - interval '24 hours' AND key_hash <> $1::bytea
         ORDER BY created_at LIMIT 10 FOR UPDATE SKIP LOCKED))
     INSERT INTO idempotency_keys AS k (key_hash, request_hash) VALUES ($1::bytea, $2::bytea)
     ON CONFLICT (key_hash) DO UPDATE
       SET request_hash = excluded.request_hash, status = NULL, answer = NULL, created_at = now()
       WHERE k.created_at < now() - interval '24 hours'
          OR (k.status IS NULL AND k.request_hash = excluded.request_hash
              AND k.created_at < now() - interval '2 minutes')`,
    [keyHash, requestHash],
  );
  if (rowCount === 1) return null;
  const { rows } = await db.query<FirstRequest>(
    `SELECT request_hash AS "requestHash", status, answer FROM idempotency_keys
     WHERE key_hash = $1::bytea`,
    [keyHash],
  );
  return rows[0] ?? 'gone';
}

/** @param answer sealed: it may hold a secret that is shown once */
export async function keepAnswer(
  db: Queryable,
  { keyHash, requestHash }: KeyedRequest,
  { status, answer }: { status: number; answer: Buffer },
): Promise<void> {
  await db.query(
    `UPDATE idempotency_keys SET status = $3::int, answer = $4::bytea
     WHERE key_hash = $1::bytea AND request_hash = $2::bytea AND status IS NULL`,
    [keyHash, requestHash, status, answer],
  );
}

/** Lets the same request be made again: it failed in a way that may pass. */
export async function releaseKey(
  db: Queryable,
  { keyHash, requestHash }: KeyedRequest,
): Promise<void> {
  await db.query(
    `DELETE FROM idempotency_keys
     WHERE key_hash = $1::bytea AND request_hash = $2::bytea AND status IS NULL`,
    [keyHash, requestHash],
  );
}
