import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { PG_MIGRATE_LOCK_ID, runner } from 'node-pg-migrate';
import { HoldfastError } from '../lib/errors';
import type { Logger } from '../lib/log';
import type { Queryable } from './pool';

/** How long a migration waits for locks. */
export interface LockPatience {
  /** While it waits for a table, whoever uses that table waits behind it. In milliseconds, for each table. */
  lockTimeoutMs: number;
  /** Between two tries, in which the others catch up. In milliseconds. */
  pauseMs: number;
  tries: number;
}

/** A webhook waits for less than its sender does, and a backup is waited for for two minutes. */
export const usualPatience: LockPatience = { lockTimeoutMs: 2_000, pauseMs: 2_000, tries: 30 };

/**
 * SQLSTATE lock_not_available, and deadlock_detected: a migration takes its tables in another order than a webhook does.
 */
const lockFaults = ['55P03', '40P01'];

/**
 * Runs the migrations of a folder that the database hasn't seen, all in one transaction. Safe when several processes do it at
 * once: one works, the others wait.
 *
 * @param databaseUrl the owner's, without a pooler that hands sessions on
 * @param dir where they are
 * @returns the names of those that ran
 * @throws HoldfastError `database_unavailable` where a table stayed locked for all tries
 * @throws Error where Postgres can't be reached or refuses a statement
 */
export async function runMigrations(
  databaseUrl: string,
  dir: string,
  log: Logger,
  patience: LockPatience = usualPatience,
): Promise<string[]> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'holdfast migrate',
    keepAlive: true,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    // The lock of the library's own, as earlier versions take it; before there is a limit, for others work as long as they like.
    await client.query('SELECT pg_advisory_lock($1::bigint)', [PG_MIGRATE_LOCK_ID]);
    // Not with the connection's start, where PgBouncer refuses what it doesn't know.
    await client.query(`SET lock_timeout = ${patience.lockTimeoutMs}`);
    return await runPatiently(client, dir, log, patience);
  } finally {
    await client.end();
  }
}

async function runPatiently(
  client: pg.Client,
  dir: string,
  log: Logger,
  { lockTimeoutMs, pauseMs, tries }: LockPatience,
): Promise<string[]> {
  const begun: string[] = [];
  const step = (message: string) => {
    const [, name] = /^### MIGRATION (\S+)/.exec(message) ?? [];
    if (name !== undefined) begun.push(name);
    log.debug({ event: 'migration.step', migration: message }, 'A migration runs');
  };
  const logger = { debug: step, info: step, warn: step, error: step };
  for (let attempt = 1; ; attempt++) {
    try {
      await runner({
        dbClient: client,
        dir,
        direction: 'up',
        migrationsTable: 'migrations',
        singleTransaction: true,
        noLock: true,
        logger,
      });
      return begun;
    } catch (error) {
      if (!isLockFault(error)) throw error;
      const migration = begun.splice(0).at(-1) ?? '';
      const holders = await lockHolders(client, lockTimeoutMs);
      if (attempt >= tries) throw stayedLocked(migration, holders, error);
      log.warn(
        { event: 'migration.waiting', migration, attempt, tries, holders },
        'A migration waits for a table that another session uses',
      );
      await pause(pauseMs);
    }
  }
}

const isLockFault = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && lockFaults.includes(error.code ?? '');

/** Sessions that have used tables for longer than a try waits, the longest first: one of them is in the way. */
async function lockHolders(db: Queryable, lockTimeoutMs: number): Promise<string[]> {
  const { rows } = await db.query<{ pid: number; name: string; seconds: number | null }>(
    `SELECT a.pid, coalesce(nullif(a.application_name, ''), a.usename, 'unnamed') AS name,
            floor(extract(epoch FROM clock_timestamp() - a.xact_start))::int AS seconds
     FROM pg_stat_activity a
     WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
       AND coalesce(a.xact_start < clock_timestamp() - $1::int * interval '1 millisecond', true)
       AND EXISTS (SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                   WHERE l.pid = a.pid AND l.granted AND c.relkind = 'r'
                     AND c.relnamespace = current_schema()::regnamespace)
     ORDER BY a.xact_start NULLS LAST LIMIT 3`,
    [lockTimeoutMs],
  );
  return rows.map(({ pid, name, seconds }) => {
    const since = seconds === null ? '' : `, for ${seconds} s`;
    return `${name} (process ${pid}${since})`;
  });
}

function stayedLocked(migration: string, holders: string[], cause: unknown): HoldfastError {
  const who =
    holders.length === 0
      ? 'many short ones that follow one another'
      : `the longest: ${holders.join('; ')}`;
  return new HoldfastError(
    'database_unavailable',
    `The migration ${migration} needs a table for a moment, and other sessions use it without an end: ${who}. ` +
      'Nothing of it was done. Wait for them (a backup, a report), or end one with SELECT pg_terminate_backend(<process>), and run "holdfast migrate" again.',
    { cause },
  );
}
