import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Logger } from '../lib/log';
import { buildIndexes } from './build-indexes';
import { type LockPatience, runMigrations } from './migration-runner';
import { createPool, type Queryable } from './pool';
import { refuseSharedSessions } from './pooler';
import { prepareRunningRole, refuseOtherOwner } from './roles';

const migrationsFolder = path.join(__dirname, 'migrations');

/**
 * Brings the schema up to date. Safe when several processes do it at once: one works, the others wait.
 * @param databaseUrl the owner's
 * @param runUrl as whom gateway and worker connect, where that is another role: it gets its rights
 * @throws PoolerError where a pooler before it hands sessions on
 * @throws ConfigError where the tables are another role's, or the role that runs is missing and can't be made
 * @throws HoldfastError `database_unavailable` where a table stayed locked by others
 * @throws Error where the database can't be reached or refuses a statement; no migration is half done then, and the next call
 *   goes on from there
 */
export async function migrate(
  databaseUrl: string,
  log: Logger,
  runUrl = databaseUrl,
  patience?: LockPatience,
): Promise<void> {
  const pool = createPool(databaseUrl, log, { applicationName: 'holdfast migrate' });
  // A lock that stayed behind in a session of the pooler's would hold up every later migration.
  try {
    await refuseSharedSessions(pool);
    await refuseOtherOwner(pool);
  } finally {
    await pool.end();
  }
  const migrations = await runMigrations(databaseUrl, migrationsFolder, log, patience);
  log.info({ event: 'migration.done', migrations }, 'The schema is up to date');
  await prepareRunningRole(databaseUrl, runUrl, log);
  await buildIndexes(databaseUrl);
}

/** The number of the newest migration that this database has seen; null where it has seen none. */
export async function schemaVersion(db: Queryable): Promise<number | null> {
  const { rows } = await db.query<{ name: string | null }>(
    'SELECT max(name) AS name FROM migrations',
  );
  const number = /^\d+/.exec(rows[0]?.name ?? '')?.[0];
  return number === undefined ? null : Number(number);
}

/** The names of the migrations that this database hasn't seen. */
export async function pendingMigrations(db: Queryable): Promise<string[]> {
  const known = readdirSync(migrationsFolder)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => path.parse(name).name);
  const table = await db.query("SELECT FROM pg_tables WHERE tablename = 'migrations'");
  if (table.rowCount === 0) return known;
  const { rows } = await db.query<{ name: string }>('SELECT name FROM migrations');
  const done = new Set(rows.map(({ name }) => name));
  return known.filter((name) => !done.has(name));
}
