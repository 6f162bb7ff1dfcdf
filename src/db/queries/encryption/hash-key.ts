import { type Envelope, openOrNull } from '../../../crypto/envelope';
import { keyedHash, randomToken } from '../../../crypto/hash';
import type { Pool } from '../../pool';

/** Tells refresh tokens apart without being one: the same token has the same hash, at every process of an installation. */
export type TokenHash = (token: string) => Buffer;

/** By database: the key is made once for each, and never changes. */
const loaded = new WeakMap<Pool, TokenHash>();

const id = 'refresh_tokens';

/**
 * The key is random and stays the same when encryption keys are rotated. Not within a transaction: one that is
 * rolled back would take the key along.
 *
 * @returns null where no key of this process opens it: tokens are then stored without a hash
 */
export async function loadTokenHash(pool: Pool, envelope: Envelope): Promise<TokenHash | null> {
  const known = loaded.get(pool);
  if (known !== undefined) return known;
  const context = `hash_keys.key:${id}` as const;
  const stored =
    (await readKey(pool)) ?? (await makeKey(pool, envelope.seal(randomToken(32), context)));
  const key = openOrNull(envelope, stored, context);
  if (key === null) return null;
  const hash: TokenHash = (token) => keyedHash(Buffer.from(key, 'base64url'), token);
  loaded.set(pool, hash);
  return hash;
}

async function readKey(pool: Pool): Promise<Buffer | undefined> {
  const { rows } = await pool.query<{ key: Buffer }>(
    'SELECT key FROM hash_keys WHERE id = $1::text',
    [id],
  );
  return rows[0]?.key;
}

/** Of two processes that start at once, both take the key that is there in the end. */
async function makeKey(pool: Pool, sealed: Buffer): Promise<Buffer> {
  await pool.query(
    'INSERT INTO hash_keys (id, key) VALUES ($1::text, $2::bytea) ON CONFLICT (id) DO NOTHING',
    [id, sealed],
  );
  return (await readKey(pool)) ?? sealed;
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
