import type { Queryable } from '../../pool';

/** The tombstones of some of a user's integrations. @returns how many had none yet */
export async function markSomeDeleted(db: Queryable, userId: string): Promise<number> {
  // Locked in the order of their ids, as the inbox does: two orders would deadlock.
  const { rowCount } = await db.query(
    `UPDATE integrations SET deleted_at = now()
     WHERE id IN (SELECT id FROM integrations WHERE user_id = $1::text AND deleted_at IS NULL
                  ORDER BY id LIMIT 1000 FOR UPDATE)`,
    [userId],
  );
  return rowCount ?? 0;
}

/** @returns some that have their tombstone, those of a broken-off deletion among them */
export async function listSomeDeleted(db: Queryable, userId: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM integrations WHERE user_id = $1::text AND deleted_at IS NOT NULL
     ORDER BY id LIMIT 20`,
    [userId],
  );
  return rows.map(({ id }) => id);
}

/** What a user has beside integrations: sessions, by which they could begin something, and their hold. */
export async function deleteUserRows(db: Queryable, userId: string): Promise<void> {
  await db.query('DELETE FROM sessions WHERE user_id = $1::text', [userId]);
  await db.query("DELETE FROM holds WHERE scope = 'user' AND user_id = $1::text", [userId]);
  // Whoever watches this person, the application too, has nothing to watch any more.
  await db.query("SELECT pg_notify('holdfast_live', 'deleted:' || $1::text)", [userId]);
}
