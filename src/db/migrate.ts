import path from 'node:path';
import { runner } from 'node-pg-migrate';
import type { Logger } from '../lib/log';

/**
 * Brings the schema up to date. Safe when several processes do it at once: one works, the others wait.
 * @throws Error where the database can't be reached or refuses a statement; nothing is half done then
 */
export async function migrate(databaseUrl: string, log: Logger): Promise<void> {
  const quiet = (message: string) => log.debug({ migration: message }, 'migrating');
  const done = await runner({
    databaseUrl,
    dir: path.join(__dirname, 'migrations'),
    direction: 'up',
    migrationsTable: 'migrations',
    singleTransaction: true,
    advisoryLockMode: 'wait',
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
  log.info({ migrations: done.map(({ name }) => name) }, 'the schema is up to date');
}
