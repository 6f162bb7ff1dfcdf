import { type PageKey, pageKeySql, type PageRequest, pageTimeSql } from '../pagination';
import type { Queryable } from '../pool';
import { endSessionsOfKey } from './people/session-ends';

/**
 * `read`: every GET but tokens; `manage`: changes too; `tokens`: access tokens, out and in; `proxy`: the proxy; `admin`:
 * everything, keys and the audit included.
 */
export const apiKeyScopes = ['read', 'manage', 'tokens', 'proxy', 'admin'] as const;
export type ApiKeyScope = (typeof apiKeyScopes)[number];

interface NewApiKey {
  id: string;
  name: string;
  /** SHA-256: a key is 32 random bytes, so that nothing slower is needed. */
  keyHash: Buffer;
  scopes: readonly ApiKeyScope[];
  /** Null: until it is revoked. */
  expiresAt: Date | null;
  /** The key that asks for it; null: one of `HOLDFAST_API_KEYS`. */
  makerId: string | null;
}

export interface ApiKeyRow extends PageKey {
  name: string;
  scopes: ApiKeyScope[];
  createdAt: Date;
  expiresAt: Date | null;
  /** To the minute. */
  lastUsedAt: Date | null;
}

/** What a request that brings a key has to know of it. */
export interface KnownApiKey {
  id: string;
  name: string;
  scopes: ApiKeyScope[];
  state: 'good' | 'expired' | 'revoked';
}

const columns = `id, name, scopes, created_at AS "createdAt", expires_at AS "expiresAt",
  last_used_at AS "lastUsedAt", ${pageKeySql('created_at')}`;

/** @returns undefined where the key that asks for it is good no more */
export async function insertApiKey(db: Queryable, key: NewApiKey): Promise<ApiKeyRow | undefined> {
  const { rows } = await db.query<ApiKeyRow>(
    // Locked: it is not revoked meanwhile, and a gateway may not have heard yet that it was.
    `WITH maker AS MATERIALIZED (
       SELECT FROM api_keys
       WHERE id = $6::text AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
       FOR SHARE)
     INSERT INTO api_keys (id, name, key_hash, scopes, expires_at)
     SELECT $1::text, $2::text, $3::bytea, $4::text[], $5::timestamptz
     WHERE $6::text IS NULL OR EXISTS (SELECT FROM maker)
     RETURNING ${columns}`,
    [key.id, key.name, key.keyHash, key.scopes, key.expiresAt, key.makerId],
  );
  return rows[0];
}

/** @param hashes in hexadecimal. @returns by hash, those that there are */
export async function findApiKeys(
  db: Queryable,
  hashes: readonly string[],
): Promise<Map<string, KnownApiKey>> {
  const { rows } = await db.query<KnownApiKey & { hash: string }>(
    `SELECT encode(key_hash, 'hex') AS hash, id, name, scopes,
            CASE WHEN revoked_at IS NOT NULL THEN 'revoked'
                 WHEN expires_at <= now() THEN 'expired' ELSE 'good' END AS state
     FROM api_keys
     WHERE key_hash = ANY (ARRAY (SELECT decode(h, 'hex') FROM unnest($1::text[]) AS h))`,
    [hashes],
  );
  return new Map(rows.map(({ hash, ...key }) => [hash, key]));
}

/** Those that nobody has revoked, expired ones too: newest first. */
export async function listApiKeys(
  db: Queryable,
  { limit, after }: PageRequest,
): Promise<ApiKeyRow[]> {
  const { rows } = await db.query<ApiKeyRow>(
    `SELECT ${columns} FROM api_keys
     WHERE revoked_at IS NULL
       AND ($1::text IS NULL OR (created_at, id) < (${pageTimeSql('$1')}, $2::text))
     ORDER BY created_at DESC, id DESC LIMIT $3::int`,
    [after?.atMicros ?? null, after?.id ?? null, limit + 1],
  );
  return rows;
}

/**
 * Revokes a key, with the sessions that were made with it and the answers that it might have again. In a transaction.
 * @returns whether there was one that nobody had revoked
 */
export async function revokeApiKey(client: Queryable, id: string): Promise<boolean> {
  // First, and in a statement of its own: a session that is just being made waits for this, or is seen by the next one.
  const { rowCount } = await client.query(
    'UPDATE api_keys SET revoked_at = now() WHERE id = $1::text AND revoked_at IS NULL',
    [id],
  );
  if (rowCount !== 1) return false;
  await endSessionsOfKey(client, id);
  await client.query('DELETE FROM idempotency_keys WHERE api_key_id = $1::text', [id]);
  return true;
}

/** Once a minute is enough, whichever gateway it is. */
export async function noteApiKeyUse(db: Queryable, id: string): Promise<void> {
  await db.query(
    `UPDATE api_keys SET last_used_at = now()
     WHERE id = $1::text AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
    [id],
  );
}
