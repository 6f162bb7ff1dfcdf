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
