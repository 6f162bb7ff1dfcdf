import type { Queryable } from '../pool';

/** @returns of the sessions that still last how many milliseconds are left, by the database's clock */
export async function readTimeLeft(
  db: Queryable,
  sessionIds: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await db.query<{ id: string; leftMs: number }>(
    `SELECT id, (extract(epoch FROM expires_at - now()) * 1000)::float8 AS "leftMs"
     FROM sessions WHERE id = ANY ($1::text[]) AND expires_at > now()`,
    [sessionIds],
  );
  return new Map(rows.map(({ id, leftMs }) => [id, leftMs]));
}
