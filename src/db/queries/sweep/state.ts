import type { Queryable } from '../../pool';

/** Where a sweep ends, whichever worker ran it. */
export async function noteSweep(db: Queryable): Promise<void> {
  await db.query('UPDATE sweep_state SET last_at = now()');
}

export interface SweepState {
  /** Null until a sweep has come to its end. */
  lastAt: Date | null;
  /** How long it has been since then, or since the first one could have. */
  seconds: number;
}

/** By the clock of Postgres. */
export async function readSweepState(db: Queryable): Promise<SweepState | undefined> {
  const { rows } = await db.query<SweepState>(
    `SELECT last_at AS "lastAt",
            extract(epoch FROM now() - coalesce(last_at, since))::float8 AS seconds
     FROM sweep_state`,
  );
  return rows[0];
}

/** Where a comparison of all rows with what lists show ends. */
export async function noteComparison(db: Queryable): Promise<void> {
  await db.query('UPDATE sweep_state SET compared_at = now()');
}

/** Whether the last comparison is an hour ago, or there was none. */
export async function isComparisonDue(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ due: boolean }>(
    `SELECT coalesce(compared_at < now() - interval '1 hour', true) AS due FROM sweep_state`,
  );
  return rows[0]?.due === true;
}

export interface SweepFacts extends SweepState {
  /** How long the last comparison is ago; null where there was none. */
  comparedSeconds: number | null;
  installationId: string;
}

/** @throws the database's error, also where it is of an older schema */
export async function readSweepFacts(db: Queryable): Promise<SweepFacts> {
  const { rows } = await db.query<SweepFacts>(
    `SELECT s.last_at AS "lastAt", i.id AS "installationId",
            extract(epoch FROM now() - coalesce(s.last_at, s.since))::float8 AS seconds,
            extract(epoch FROM now() - s.compared_at)::float8 AS "comparedSeconds"
     FROM sweep_state s, installation i`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('The table "sweep_state" is empty.');
  return row;
}
