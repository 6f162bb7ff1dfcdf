import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { migrate } from '../../src/db/migrate';
import { initialisePostgres } from '../../src/dev/postgres-init';
import { postgresBinaries } from '../../src/dev/postgres-binaries';
import { postgresAccount } from '../../src/dev/postgres-account';
import { startPostgres } from '../../src/dev/postgres';
import { createProgress } from '../../src/dev/progress';
import { findTemporal } from '../../src/dev/temporal-binary';
import { startTemporalServer } from '../../src/dev/temporal-server';
import { createLog } from '../../src/log';
import { searchAttributes } from '../../workflows/contract';
import { freePort } from './free-port';
import { adminUrlVariable, templateDatabase } from './database';
import { binaryVariable } from './own-temporal';
import { startRecording } from './recorder/install';
import { noteSecret } from './recorder/record';
import { addressVariable, namespaceNames } from './temporal';
import { bundleForTests } from './workflow-bundle';
import { stopServers, type Stoppable } from './servers';

/** One Postgres and one Temporal for the run; both end with it, also when it is killed. */
export default async function globalSetup(): Promise<void> {
  const dir = mkdtempSync(path.join(tmpdir(), 'holdfast-test-'));
  chmodSync(dir, 0o711);
  const servers: Stoppable[] = [];
  const password = randomBytes(18).toString('base64url');
  stopServers.register(servers);
  try {
    await Promise.all([
      postgresForTests(dir, password).then((server) => servers.push(server)),
      temporalForTests(dir).then((server) => servers.unshift(server)),
      bundleForTests(dir),
    ]);
    startRecording(dir);
    noteSecret('database password', password);
  } catch (error) {
    await stopServers.run();
    throw error;
  }
}

async function postgresForTests(dir: string, password: string): Promise<Stoppable> {
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
  await migrate(template.href, createLog('silent'));
  return server;
}

async function temporalForTests(dir: string): Promise<Stoppable> {
  const { binary } = await findTemporal({
    progress: createProgress((line) => process.stderr.write(`${line}\n`)),
    searchPath: process.env['PATH'],
  });
  process.env[binaryVariable] = binary;
  const server = await startTemporalServer({
    binary,
    port: await freePort(),
    namespaces: namespaceNames,
    searchAttributes: Object.values(searchAttributes).map(
      ({ name, type }) => `${name}=${type === 'DATETIME' ? 'Datetime' : 'Keyword'}`,
    ),
    // Tests ask for lists far more often than people do.
    dynamicConfig: ['frontend.namespaceRPS.visibility=200'],
    logFile: path.join(dir, 'temporal.log'),
  });
  process.env[addressVariable] = server.address;
  return server;
}
