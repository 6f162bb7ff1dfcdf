import type { SweepMark } from '../../../../workflows/contract/messages';
import type { Queryable } from '../../pool';

/**
 * Where a sweep ends, whichever worker ran it.
 *
 * @param seen what was remembered of an earlier one
 * @param isWhole whether it could read everything: one that could not has ended, and is no success
 * @returns null, with nothing written, where the rows are of an earlier time than that: they went back while this sweep ran,
 *   and the next one has to see it
 */
export async function noteSweep(
  db: Queryable,
  seen: SweepMark | null,
  isWhole: boolean,
): Promise<SweepMark | null> {
  const { rows } = await db.query<{ sweeps: number; at: Date }>(
    `UPDATE sweep_state
     SET last_at = CASE WHEN $2::boolean THEN now() ELSE last_at END, sweeps = sweeps + 1
     WHERE sweeps >= $1::bigint
     RETURNING sweeps, now() AS at`,
    [seen?.sweeps ?? 0, isWhole],
  );
  const [end] = rows;
  return end === undefined ? null : { ...end, at: end.at.toISOString() };
}

export interface WentBack {
  from: Date;
  /** Null where no sweep had come to its end then. */
  to: Date | null;
}

/**
 * Whether the rows are of an earlier time than what is remembered: a backup was restored, or a replica that lagged behind
 * was promoted. It is noted, for the doctor; and visibility is compared with all rows at the next occasion.
 */
export async function noteWentBack(db: Queryable, seen: SweepMark): Promise<WentBack | null> {
  const { rows } = await db.query<WentBack>(
    `UPDATE sweep_state
     SET went_back_at = now(), went_back_from = $2::timestamptz, went_back_to = last_at,
         compare_asked_at = now()
     WHERE sweeps < $1::bigint
     RETURNING went_back_from AS "from", went_back_to AS "to"`,
    [seen.sweeps, seen.at],
  );
  return rows[0] ?? null;
}

/** The rows count on from what is remembered: who has to know that they went back has been told. */
export async function catchUp(db: Queryable, { sweeps }: SweepMark): Promise<void> {
  await db.query('UPDATE sweep_state SET sweeps = greatest(sweeps, $1::bigint)', [sweeps]);
}

/** The last time that rows were of an earlier time, where that was seen in the last seven days. */
export async function readWentBack(
  db: Queryable,
): Promise<(WentBack & { at: Date; broken: number }) | undefined> {
  const { rows } = await db.query<WentBack & { at: Date; broken: number }>(
    `SELECT went_back_at AS at, went_back_from AS "from", went_back_to AS "to",
            (SELECT count(*) FROM integrations i
              WHERE i.status = 'ERROR' AND i.deleted_at IS NULL AND i.status_since >= s.went_back_to) AS broken
     FROM sweep_state s WHERE went_back_at > now() - interval '7 days'`,
  );
  return rows[0];
}

export interface SweepState {
  /** Null until a sweep has come to its end and could read everything. */
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

/** What a comparison has to know at its end: when it began, as Postgres writes it; and whether the rows went back before. */
export async function beginComparison(
  db: Queryable,
): Promise<{ begunAt: string; wentBack: boolean }> {
  const { rows } = await db.query<{ begunAt: string; wentBack: boolean }>(
    `SELECT now()::text AS "begunAt",
            coalesce(compare_asked_at >= went_back_at, false) AS "wentBack"
     FROM sweep_state`,
  );
  return rows[0] ?? { begunAt: '-infinity', wentBack: false };
}

/**
 * Where a comparison of all rows with what lists show ends. One that was asked for since it began stays due: this one may have been
 * past those who are meant.
 *
 * @param begunAt what `beginComparison` gave; `-infinity`: whatever was asked for stays due
 */
export async function noteComparison(db: Queryable, begunAt: string): Promise<void> {
  await db.query(
    `UPDATE sweep_state
     SET compared_at = now(),
         compare_asked_at = CASE WHEN compare_asked_at > $1::timestamptz THEN compare_asked_at END`,
    [begunAt],
  );
}

/** Whether the last comparison is an hour ago, or there was none, or one was asked for. */
export async function isComparisonDue(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ due: boolean }>(
    `SELECT compare_asked_at IS NOT NULL
         OR coalesce(compared_at < now() - interval '1 hour', true) AS due FROM sweep_state`,
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
