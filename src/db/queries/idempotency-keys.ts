import type { Queryable } from '../pool';

/** A request that named a key; both are SHA-256. */
interface KeyHashes {
  keyHash: Buffer;
  requestHash: Buffer;
}

export interface KeyedRequest extends KeyHashes {
  /** Whose answer it is; null: of `HOLDFAST_API_KEYS`. */
  apiKeyId: string | null;
  /** Whom it is about: the answer goes with them. */
  userHash: Buffer | null;
  /** An integration, or a delivery of one. */
  aboutId: string | null;
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
  { keyHash, requestHash, apiKeyId, userHash, aboutId }: KeyedRequest,
): Promise<FirstRequest | 'gone' | null> {
  const { rowCount } = await db.query(
    `WITH old AS (
       DELETE FROM idempotency_keys WHERE key_hash IN (
         SELECT key_hash FROM idempotency_keys
         WHERE created_at < now() - interval '24 hours' AND key_hash <> $1::bytea
         ORDER BY created_at LIMIT 10 FOR UPDATE SKIP LOCKED))
     INSERT INTO idempotency_keys AS k (key_hash, request_hash, api_key_id, user_hash, integration_id)
     VALUES ($1::bytea, $2::bytea, $3::text, $4::bytea, ${integrationSql('$5')})
     ON CONFLICT (key_hash) DO UPDATE
       SET request_hash = excluded.request_hash, status = NULL, answer = NULL, created_at = now(),
           api_key_id = excluded.api_key_id, user_hash = excluded.user_hash,
           integration_id = excluded.integration_id
       WHERE k.created_at < now() - interval '24 hours'
          OR (k.status IS NULL AND k.request_hash = excluded.request_hash
              AND k.created_at < now() - interval '2 minutes')`,
    [keyHash, requestHash, apiKeyId, userHash, aboutId],
  );
  if (rowCount === 1) return null;
  const { rows } = await db.query<FirstRequest>(
    `SELECT request_hash AS "requestHash", status, answer FROM idempotency_keys
     WHERE key_hash = $1::bytea`,
    [keyHash],
  );
  return rows[0] ?? 'gone';
}

/** SQL: an integration's id, locked, so that it goes not before what names it; null where there is none. */
const integrationSql = (parameter: string) =>
  `(SELECT id FROM integrations
    WHERE id = coalesce((SELECT integration_id FROM deliveries WHERE id = ${parameter}::text),
                        ${parameter}::text)
    FOR KEY SHARE)`;

/**
 * @param answer sealed: it may hold a secret that is shown once
 * @param madeId an integration that was made by it, and takes it along
 */
export async function keepAnswer(
  db: Queryable,
  { keyHash, requestHash }: KeyHashes,
  { status, answer, madeId }: { status: number; answer: Buffer; madeId: string | null },
): Promise<void> {
  await db.query(
    `UPDATE idempotency_keys
     SET status = $3::int, answer = $4::bytea,
         integration_id = coalesce(${integrationSql('$5')}, integration_id)
     WHERE key_hash = $1::bytea AND request_hash = $2::bytea AND status IS NULL`,
    [keyHash, requestHash, status, answer, madeId],
  );
}

/** Lets the same request be made again: it failed in a way that may pass. */
export async function releaseKey(
  db: Queryable,
  { keyHash, requestHash }: KeyHashes,
): Promise<void> {
  await db.query(
    `DELETE FROM idempotency_keys
     WHERE key_hash = $1::bytea AND request_hash = $2::bytea AND status IS NULL`,
    [keyHash, requestHash],
  );
}

/** The answers of requests about a user; those about their integrations go with these. */
export async function deleteAnswersAbout(db: Queryable, userHash: Buffer): Promise<void> {
  await db.query('DELETE FROM idempotency_keys WHERE user_hash = $1::bytea', [userHash]);
}
