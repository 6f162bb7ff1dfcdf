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
