import path from 'node:path';
import pg from 'pg';
import { migrate } from '../../../src/db/migrate';
import { startPostgres } from '../../../src/dev/postgres/server';
import { postgresAccount } from '../../../src/dev/postgres/account';
import { postgresBinaries } from '../../../src/dev/postgres/binaries';
import { initialisePostgres } from '../../../src/dev/postgres/init';
import { createLog } from '../../../src/lib/log';
import { adminUrlVariable, runRole, templateDatabase } from './database';
import { freePort } from '../processes/free-port';
import type { Stoppable } from './servers';

/** An own Postgres, with a migrated template; `dir` goes when it is stopped. */
export async function postgresForTests(dir: string, password: string): Promise<Stoppable> {
  const binaries = postgresBinaries();
  const dataDir = path.join(dir, 'postgres');
  const account = postgresAccount(binaries, [dataDir]);
  await initialisePostgres({ binaries, account, dataDir, password, throwaway: true });
  const server = await startPostgres({
    ...{ binaries, account, dataDir, password },
    port: await freePort(),
    logFile: path.join(dir, 'postgres.log'),
    settings: [
      'fsync=off',
      'synchronous_commit=off',
      'full_page_writes=off',
      'max_connections=400',
    ],
    removeWhenStopped: [dir],
  });
  process.env[adminUrlVariable] = server.url;
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${templateDatabase}`);
  await admin.query('CREATE SEQUENCE databases; CREATE SEQUENCE namespaces');
  await admin.end();
  const template = new URL(server.url);
  template.pathname = templateDatabase;
  const run = new URL(template);
  run.username = runRole;
  await migrate(template.href, createLog('silent'), run.href);
  return server;
}
