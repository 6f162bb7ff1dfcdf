import type { Queryable } from '../../pool';

/** A key that was the first of HOLDFAST_KEYS at some time. */
export interface KnownKey {
  id: string;
  /** Sealed with the key itself, context `sealing_keys.known_text:<id>`. */
  knownText: Buffer;
}

/** The newest first. */
export async function readKnownKeys(db: Queryable): Promise<KnownKey[]> {
  const { rows } = await db.query<KnownKey>(
    'SELECT id, known_text AS "knownText" FROM sealing_keys ORDER BY number DESC',
  );
  return rows;
}

/** Adds those that aren't there, in this order: the last is the newest. */
export async function insertKnownKeys(db: Queryable, keys: readonly KnownKey[]): Promise<void> {
  for (const { id, knownText } of keys) {
    await db.query(
      `INSERT INTO sealing_keys (id, known_text) VALUES ($1::text, $2::bytea)
       ON CONFLICT (id) DO NOTHING`,
      [id, knownText],
    );
  }
}
