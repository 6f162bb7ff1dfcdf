import type { Queryable } from '../../pool';

/** An actor that belongs to rows of this database. */
export interface StandingActor {
  workflowId: string;
  /** What starts it; `deletion`: its row is gone, and it must end. */
  kind: 'integration' | 'credential' | 'revocation' | 'notification' | 'replay' | 'deletion';
  /** The row's id, or the stream's. */
  id: string;
  /** Of a credential; 0 for the others. */
  version: number;
  userId: string | null;
}

const idsOf = (workflowIds: readonly string[], type: string) =>
  workflowIds.flatMap((id) => (id.startsWith(`${type}:`) ? id.slice(type.length + 1) : []));

/**
 * Which of these actors have something to do here. What this database doesn't know is somebody else's, and what it has
 * deleted has to end.
 */
export async function standingActors(
  db: Queryable,
  workflowIds: readonly string[],
): Promise<StandingActor[]> {
  const { rows } = await db.query<StandingActor>(
    `SELECT DISTINCT ON ("workflowId") * FROM (
       SELECT 'integration:' || id AS "workflowId", 'integration' AS kind, id, 0 AS version,
              user_id AS "userId", 1 AS rank
       FROM integrations WHERE id = ANY ($1::text[]) AND deleted_at IS NULL
       UNION ALL
       SELECT 'credential:' || id, 'credential', id, version, user_id, 1
       FROM credentials WHERE id = ANY ($2::text[])
       UNION ALL
       SELECT 'credential:' || credential_id, 'revocation', credential_id, 0, user_id, 2
       FROM revocations WHERE credential_id = ANY ($2::text[])
       UNION ALL
       SELECT 'notification:' || stream, 'notification', stream, 0, NULL, 1
       FROM notices WHERE stream = ANY ($3::text[]) AND ended_at IS NULL
       UNION ALL
       SELECT 'replay:' || id, 'replay', id, 0, NULL, 1
       FROM replays WHERE id = ANY ($4::text[]) AND ended_at IS NULL
       UNION ALL
       SELECT workflow_id, 'deletion', workflow_id, 0, NULL, 3
       FROM deleted_actors WHERE workflow_id = ANY ($5::text[])
     ) found ORDER BY "workflowId", rank`,
    [
      ...['integration', 'credential', 'notification', 'replay'].map((type) =>
        idsOf(workflowIds, type),
      ),
      workflowIds,
    ],
  );
  return rows;
}

export interface StuckActor {
  workflowId: string;
  /** The workflow's type. */
  workflow: string;
  cause: string;
}

/** Whoever has waited longest comes first. */
export async function listStuckActors(db: Queryable, limit: number): Promise<StuckActor[]> {
  const { rows } = await db.query<StuckActor>(
    `SELECT workflow_id AS "workflowId", workflow, cause FROM stuck_actors
     ORDER BY since, workflow_id LIMIT $1::int`,
    [limit],
  );
  return rows;
}

export async function noteStuck(db: Queryable, stuck: StuckActor): Promise<void> {
  await db.query(
    `INSERT INTO stuck_actors (workflow_id, workflow, cause) VALUES ($1::text, $2::text, $3::text)
     ON CONFLICT (workflow_id) DO UPDATE SET cause = excluded.cause`,
    [stuck.workflowId, stuck.workflow, stuck.cause],
  );
}

export async function forgetStuck(db: Queryable, workflowIds: readonly string[]): Promise<void> {
  await db.query('DELETE FROM stuck_actors WHERE workflow_id = ANY ($1::text[])', [workflowIds]);
}

/** How often one actor is started anew within how long. */
const mostRestarts = { count: 3, minutes: 10 } as const;

/**
 * Notes a restart, where one more is allowed.
 * @returns how many there were lately, with this one; null where there were too many
 */
export async function noteRestart(
  db: Queryable,
  { workflowId, workflow, cause, runId }: StuckActor & { runId: string | null },
): Promise<number | null> {
  const { rows } = await db.query<{ count: number }>(
    `WITH lately AS (
       SELECT count(*)::int AS count FROM actor_restarts
       WHERE workflow_id = $1::text AND at > now() - $5::int * interval '1 minute'
     ), noted AS (
       INSERT INTO actor_restarts (workflow_id, workflow, cause, run_id)
       SELECT $1::text, $2::text, $3::text, $4::text FROM lately WHERE count < $6::int
       RETURNING 1
     ), tried AS (
       UPDATE stuck_actors SET given_up = false
       WHERE workflow_id = $1::text AND given_up AND EXISTS (SELECT FROM noted)
     )
     SELECT count + 1 AS count FROM lately WHERE EXISTS (SELECT FROM noted)`,
    [workflowId, workflow, cause, runId, mostRestarts.minutes, mostRestarts.count],
  );
  return rows[0]?.count ?? null;
}

/** @returns whether that is new */
export async function noteGivenUp(db: Queryable, workflowId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'UPDATE stuck_actors SET given_up = true WHERE workflow_id = $1::text AND NOT given_up',
    [workflowId],
  );
  return rowCount === 1;
}

/** Of these runs, those that were followed by a restart. */
export async function restartedRuns(
  db: Queryable,
  runIds: readonly string[],
): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>(
    'SELECT run_id AS id FROM actor_restarts WHERE run_id = ANY ($1::text[])',
    [runIds],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Lists show an end late, and clocks are apart: so much is looked at once more. */
const overlap = "interval '2 minutes'";

/**
 * From when on ended actors are looked for, and what that becomes once they have been. The first time that is now: who ended
 * before is found by a comparison with all rows.
 */
export async function beginHealing(db: Queryable): Promise<{ since: Date; now: Date }> {
  const { rows } = await db.query<{ since: Date; now: Date }>(
    `UPDATE sweep_state SET healed_at = coalesce(healed_at, now())
     RETURNING healed_at - ${overlap} AS since, now() AS now`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('The table "sweep_state" is empty.');
  return row;
}

/**
 * Ended actors have been looked for.
 * @param isAll whether at all of them; otherwise a comparison with all rows becomes due
 */
export async function noteHealed(db: Queryable, at: Date, isAll: boolean): Promise<void> {
  await db.query(
    `UPDATE sweep_state
     SET healed_at = $1::timestamptz,
         compare_asked_at = CASE WHEN $2::boolean THEN compare_asked_at ELSE now() END`,
    [at, isAll],
  );
}

export interface ActorCounts {
  stuck: number;
  healedLastDay: number;
}

const countedAtMost = 10_000;

/** Counting stops at ten thousand of each. */
export async function countActors(db: Queryable): Promise<ActorCounts> {
  const { rows } = await db.query<ActorCounts>(
    `SELECT (SELECT count(*)::int FROM (SELECT FROM stuck_actors LIMIT $1::int) n) AS stuck,
            (SELECT count(*)::int FROM (
               SELECT FROM actor_restarts WHERE at > now() - interval '1 day' LIMIT $1::int) n
            ) AS "healedLastDay"`,
    [countedAtMost],
  );
  return rows[0] ?? { stuck: 0, healedLastDay: 0 };
}
