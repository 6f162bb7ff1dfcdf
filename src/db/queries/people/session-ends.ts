import type { Queryable } from '../../pool';

interface Ended {
  returnTo: string | null;
}

/**
 * Ends sessions, with the links that were traded for them: cookie, token and link are no good afterwards, nor is what was
 * begun at a provider and not finished, or not confirmed. A trigger tells their streams.
 *
 * @param chosenSql a condition on `sessions`, in which `$1` is the value
 */
async function endSessions(db: Queryable, chosenSql: string, value: unknown): Promise<Ended[]> {
  const { rows } = await db.query<Ended>(
    `WITH chosen AS (SELECT id FROM sessions WHERE ${chosenSql}),
          family AS (SELECT id FROM chosen UNION
                     SELECT s.id FROM sessions s JOIN chosen c ON s.parent_id = c.id),
          begun AS (UPDATE oauth_states SET expires_at = now()
                     WHERE session_id IN (SELECT id FROM family)
                       AND used_at IS NULL AND expires_at > now()),
          unconfirmed AS (UPDATE confirmations SET expires_at = now()
                           WHERE session_id IN (SELECT id FROM family)
                             AND outcome IS NULL AND expires_at > now())
     DELETE FROM sessions WHERE id IN (SELECT id FROM chosen) RETURNING return_to AS "returnTo"`,
    [value],
  );
  return rows;
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
