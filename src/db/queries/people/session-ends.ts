import type { Queryable } from '../../pool';

interface Ended {
  returnTo: string | null;
}

/**
 * Ends sessions, with the links that were traded for them: cookie, token and link are no good afterwards, nor is what was
 * begun at a provider and not finished, or not confirmed. A trigger tells their streams. In a transaction.
 *
 * @param chosenSql a condition on `sessions`, in which `$1` is the value
 */
async function endSessions(db: Queryable, chosenSql: string, value: unknown): Promise<Ended[]> {
  // Whoever begins something, or has tokens wait, locks its session: each statement sees what the lock before it waited for.
  const { rows: chosen } = await db.query<Ended & { id: string }>(
    `SELECT id, return_to AS "returnTo" FROM sessions WHERE ${chosenSql} ORDER BY id FOR UPDATE`,
    [value],
  );
  if (chosen.length === 0) return [];
  const ids = chosen.map(({ id }) => id);
  const { rows: children } = await db.query<{ id: string }>(
    'SELECT id FROM sessions WHERE parent_id = ANY ($1::text[]) ORDER BY id FOR UPDATE',
    [ids],
  );
  await db.query(
    `WITH begun AS (UPDATE oauth_states SET expires_at = now()
                     WHERE session_id = ANY ($1::text[]) AND used_at IS NULL AND expires_at > now())
     UPDATE confirmations SET expires_at = now()
      WHERE session_id = ANY ($1::text[]) AND outcome IS NULL AND expires_at > now()`,
    [[...ids, ...children.map(({ id }) => id)]],
  );
  await db.query('DELETE FROM sessions WHERE id = ANY ($1::text[])', [ids]);
  return chosen;
}

/** @returns undefined where there was none */
export async function endSessionOfCookie(
  db: Queryable,
  cookieHash: Buffer,
): Promise<Ended | undefined> {
  const [ended] = await endSessions(db, 'cookie_hash = $1::bytea', cookieHash);
  return ended;
}

/** @returns whether there was one */
export async function endSession(db: Queryable, id: string): Promise<boolean> {
  return (await endSessions(db, 'id = $1::text', id)).length > 0;
}

/** Every one of a person's. */
export async function endSessionsOfUser(db: Queryable, userId: string): Promise<void> {
  await endSessions(db, 'user_id = $1::text', userId);
}

/** Those that an API key has made. */
export async function endSessionsOfKey(db: Queryable, apiKeyId: string): Promise<void> {
  await endSessions(db, 'api_key_id = $1::text', apiKeyId);
}

/** So many links that wait, and so many that signed a browser in, hang on one session. */
const linksOfOne = 20;

/** Ends the oldest where there are more: a page may ask again and again. Used ones don't give way to such as nobody follows. */
export async function endSurplusLinks(db: Queryable, parentId: string): Promise<void> {
  await endSessions(
    db,
    `id IN (SELECT id FROM (
       SELECT id, row_number() OVER (PARTITION BY cookie_hash IS NULL ORDER BY created_at DESC, id DESC) AS place
         FROM sessions WHERE parent_id = $1::text) s
      WHERE place > ${linksOfOne})`,
    parentId,
  );
}
