import type { Queryable } from '../../pool';

/** Notes that these actors have to end, and that their histories have to go then. */
export async function noteDeletedActors(
  db: Queryable,
  workflowIds: readonly string[],
): Promise<void> {
  await db.query(
    `INSERT INTO deleted_actors (workflow_id) SELECT unnest($1::text[])
     ON CONFLICT (workflow_id) DO NOTHING`,
    [workflowIds],
  );
}

/**
 * Takes some that nobody has looked at for a while: a quarter of the time since the deletion, an hour at most.
 * So one that can't be finished yet costs little.
 */
export async function takeDeletedActors(db: Queryable, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `UPDATE deleted_actors a
     SET look_at = now() + least(greatest((now() - a.deleted_at) / 4, interval '2 seconds'),
                                 interval '1 hour')
     WHERE workflow_id IN (SELECT workflow_id FROM deleted_actors WHERE look_at <= now()
                           ORDER BY look_at LIMIT $1::int FOR UPDATE SKIP LOCKED)
     RETURNING workflow_id AS id`,
    [limit],
  );
  return rows.map(({ id }) => id);
}

/**
 * Forgets those of which Temporal has nothing left. Not within a minute of the deletion: a message that
 * was on its way may have started one again, and lists show an execution a moment late. Nor while there is a
 * grant to be revoked, for which one is about to be started.
 */
export async function forgetDeletedActors(
  db: Queryable,
  workflowIds: readonly string[],
): Promise<void> {
  await db.query(
    `DELETE FROM deleted_actors a
     WHERE workflow_id = ANY ($1::text[]) AND deleted_at < now() - interval '1 minute'
       AND NOT EXISTS (SELECT FROM revocations r
                       WHERE 'credential:' || r.credential_id = a.workflow_id)`,
    [workflowIds],
  );
}
