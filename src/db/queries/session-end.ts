import type { Queryable } from '../pool';

/** Ends a session: neither its cookie nor its token is any good afterwards. @returns undefined where there was none */
export async function endSession(
  db: Queryable,
  cookieHash: Buffer,
): Promise<{ returnTo: string | null } | undefined> {
  const { rows } = await db.query<{ returnTo: string | null }>(
    `DELETE FROM sessions WHERE cookie_hash = $1::bytea RETURNING return_to AS "returnTo"`,
    [cookieHash],
  );
  return rows[0];
}
