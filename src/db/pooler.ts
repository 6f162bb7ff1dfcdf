import { DatabaseError, type PoolClient } from 'pg';
import { ConfigError } from '../config';
import { messageOf } from '../lib/errors';
import type { Pool, Queryable } from './pool';

/** What stands between Holdfast and Postgres can't be used as it is set up. */
export class PoolerError extends ConfigError {}

const shared = new PoolerError([
  'DATABASE_URL: a pooler (PgBouncer or alike) stands before Postgres and hands its sessions on between transactions: ' +
    'prepared statements, LISTEN and locks would fail now and then; ' +
    "allowed: a pooler in session mode (pool_mode = session), or Postgres' own address",
]);

const full = new PoolerError([
  'DATABASE_URL: a second connection is given no session while the first one works, as by a pooler whose pool is full; ' +
    'allowed: a pooler with room (default_pool_size, max_db_connections) for 12 connections of each gateway and 30 of each worker',
]);

const rounds = 3;

/**
 * Two connections of one time that are in the same session of Postgres, or one that is in two, give a pooler in
 * transaction or statement mode away. In session mode each has its own for as long as it lasts.
 *
 * @throws PoolerError with what to change
 * @throws the connection's error, where nobody can tell
 */
export async function refuseSharedSessions(pool: Pool): Promise<void> {
  try {
    const one = await pool.connect();
    try {
      const other = await secondOf(pool, one);
      try {
        if (await shareSessions(one, other)) throw shared;
      } finally {
        other.release();
      }
    } finally {
      one.release();
    }
  } catch (error) {
    throw parameterFault(error) ?? error;
  }
}

/** @throws PoolerError where the first one is answered, and no second one is given a session */
async function secondOf(pool: Pool, one: Queryable): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    if (!/timeout/i.test(messageOf(error))) throw error;
    await backendOf(one);
    throw full;
  }
}

/**
 * Each is asked while the other one is idle; several times, for others may use the pooler too. Twice in a row, for a pooler
 * that takes its servers in turn (`server_round_robin`) may hit on the same one for each whenever both are asked in turn.
 */
export async function shareSessions(one: Queryable, other: Queryable): Promise<boolean> {
  const ofOne = new Set<number>();
  const ofOther = new Set<number>();
  for (let round = 0; round < rounds; round++) {
    for (let time = 0; time < 2; time++) ofOne.add(await backendOf(one));
    for (let time = 0; time < 2; time++) ofOther.add(await backendOf(other));
  }
  const hasChanged = ofOne.size > 1 || ofOther.size > 1;
  return hasChanged || [...ofOne].some((pid) => ofOther.has(pid));
}

async function backendOf(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid ?? 0;
}

/** PgBouncer's refusal of what a connection asks for at its start (SQLSTATE protocol_violation). */
function parameterFault(error: unknown): PoolerError | undefined {
  if (!(error instanceof DatabaseError) || error.code !== '08P01') return undefined;
  const [, name] =
    /^unsupported startup parameter(?: in options)?: ([\w.]+)/.exec(error.message) ?? [];
  if (name === undefined) return undefined;
  return new PoolerError([
    `DATABASE_URL: the pooler before Postgres refuses the parameter ${name}; allowed: an address without it, or a pooler that passes over it (ignore_startup_parameters)`,
  ]);
}
