import { type Envelope, openOrNull } from '../../../crypto/envelope';
import { keyedHash, randomToken } from '../../../crypto/hash';
import { HoldfastError } from '../../../lib/errors';
import type { Pool } from '../../pool';

/** Tells secrets apart without being one: the same text has the same hash, at every process of an installation. */
export type SecretHash = (text: string) => Buffer;
/** Of refresh tokens. */
export type TokenHash = SecretHash;

/** What is hashed: the hashes of one say nothing about those of another. */
type Hashed = 'refresh_tokens' | 'webhook_signatures' | 'subjects';

/** By database: each key is made once for it, and never changes. */
const loaded = new WeakMap<Pool, Map<Hashed, SecretHash>>();

/** @returns null where no key of this process opens it: tokens are then stored without a hash */
export const loadTokenHash = (pool: Pool, envelope: Envelope): Promise<TokenHash | null> =>
  loadSecretHash(pool, envelope, 'refresh_tokens');

/**
 * The key is random and stays the same when encryption keys are rotated. Not within a transaction: one that is
 * rolled back would take the key along.
 *
 * @returns null where no key of this process opens it
 */
export async function loadSecretHash(
  pool: Pool,
  envelope: Envelope,
  id: Hashed,
): Promise<SecretHash | null> {
  const hashes = loaded.get(pool) ?? new Map<Hashed, SecretHash>();
  const known = hashes.get(id);
  if (known !== undefined) return known;
  const context = `hash_keys.key:${id}` as const;
  const stored =
    (await readKey(pool, id)) ?? (await makeKey(pool, id, envelope.seal(randomToken(32), context)));
  const key = openOrNull(envelope, stored, context);
  if (key === null) return null;
  const bytes = Buffer.from(key, 'base64url');
  const hash: SecretHash = (text) => keyedHash(bytes, text);
  loaded.set(pool, hashes.set(id, hash));
  return hash;
}

/** Of whom a row is about that outlives them, or has to be found again without naming them. */
export type SubjectHash = (kind: 'user' | 'integration', id: string) => Buffer;

/** @throws HoldfastError `sealing_key_unavailable` */
export async function loadSubjectHash(pool: Pool, envelope: Envelope): Promise<SubjectHash> {
  const hash = await loadSecretHash(pool, envelope, 'subjects');
  if (hash !== null) return (kind, id) => hash(`${kind}:${id}`);
  throw new HoldfastError(
    'sealing_key_unavailable',
    'The key that hashes whom a row is about can not be opened with the keys of this process.',
    { retryAfterSeconds: 30 },
  );
}

async function readKey(pool: Pool, id: Hashed): Promise<Buffer | undefined> {
  const { rows } = await pool.query<{ key: Buffer }>(
    'SELECT key FROM hash_keys WHERE id = $1::text',
    [id],
  );
  return rows[0]?.key;
}

/** Of two processes that start at once, both take the key that is there in the end. */
async function makeKey(pool: Pool, id: Hashed, sealed: Buffer): Promise<Buffer> {
  await pool.query(
    'INSERT INTO hash_keys (id, key) VALUES ($1::text, $2::bytea) ON CONFLICT (id) DO NOTHING',
    [id, sealed],
  );
  return (await readKey(pool, id)) ?? sealed;
}

/** @returns null where there is none, or the key can't be read */
export async function refreshTokenHash(
  pool: Pool,
  envelope: Envelope,
  refreshToken: string | undefined,
): Promise<Buffer | null> {
  if (refreshToken === undefined) return null;
  return (await loadTokenHash(pool, envelope))?.(refreshToken) ?? null;
}
