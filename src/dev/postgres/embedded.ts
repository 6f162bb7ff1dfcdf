import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import type { DataDir } from '../data-dir';
import { scramVerifier } from '../../db/roles';
import { keep } from '../made-secrets';
import { startPostgres, type Postgres } from './server';
import { postgresAccount } from './account';
import { postgresBinaries } from './binaries';
import { initialisePostgres, unfinishedSuffix } from './init';
import { StartError } from '../start-error';

const major = '18';
const database = 'holdfast';
const runRole = 'holdfast_run';

/**
 * Postgres on the data folder; its database is made at the first start.
 * @throws StartError where the folder, or what is in it, can't be used
 */
export async function startEmbeddedPostgres(
  paths: DataDir,
  port: number,
): Promise<Postgres & { ownerUrl: string }> {
  const binaries = postgresBinaries();
  const account = postgresAccount(binaries, [paths.postgres]);
  const fresh = isFresh(paths);
  const password = keep(paths.postgresPassword, () => randomBytes(24).toString('hex'));
  const runPassword = keep(paths.postgresRunPassword, () => randomBytes(24).toString('hex'));
  const dataDir = paths.postgres;
  removeUnfinished(paths);
  if (fresh) await initialisePostgres({ binaries, account, dataDir, password });
  const logFile = paths.postgresLog;
  const server = await startPostgres({ binaries, account, dataDir, port, password, logFile });
  try {
    await ensureDatabase(server.url, runPassword);
    const url = embeddedRunUrl(port, runPassword);
    return { ...server, url, ownerUrl: embeddedOwnerUrl(port, password) };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Whether the cluster has still to be made. A folder that is neither empty nor finished is not touched. */
function isFresh({ postgres, postgresPassword }: DataDir): boolean {
  if (!existsSync(postgres)) return true;
  if (readdirSync(postgres).length === 0) {
    rmdirSync(postgres);
    return true;
  }
  if (!['PG_VERSION', 'global/pg_control'].every((name) => existsSync(path.join(postgres, name)))) {
    throw new StartError(
      `${postgres} is not a finished Postgres data folder: making it was interrupted, or it was damaged. Nothing in it can be used; delete it (rm -rf ${postgres}) and start again.`,
    );
  }
  const version = readFileSync(path.join(postgres, 'PG_VERSION'), 'utf8').trim();
  if (version !== major) {
    throw new StartError(
      `${postgres} was made by Postgres ${version}, and this is Postgres ${major}. Delete it to begin anew, or run Postgres ${version} yourself and set DATABASE_URL.`,
    );
  }
  if (!existsSync(postgresPassword)) {
    throw new StartError(
      `${postgresPassword} is missing: it holds the password of ${postgres}. Put it back, or delete both to begin anew.`,
    );
  }
  return false;
}

/** What an initialisation that was killed left beside it. */
function removeUnfinished({ root, postgres }: DataDir): void {
  const prefix = `${path.basename(postgres)}${unfinishedSuffix}`;
  for (const name of readdirSync(root).filter((entry) => entry.startsWith(prefix))) {
    rmSync(path.join(root, name), { recursive: true, force: true });
  }
}

async function ensureDatabase(serverUrl: string, runPassword: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
    // Temporary tables are the only ones that anybody may make.
    await client.query(`REVOKE TEMPORARY ON DATABASE ${database} FROM PUBLIC`);
    // Made with the first migration; its password's file may have been deleted since.
    const role = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [runRole]);
    if (role.rowCount === 1) {
      const secret = pg.escapeLiteral(scramVerifier(runPassword));
      await client.query(`ALTER ROLE ${runRole} LOGIN PASSWORD ${secret}`);
    }
  } finally {
    await client.end();
  }
}

/** Of the database that Holdfast's tables are in, as their owner. */
export const embeddedOwnerUrl = (port: number, password: string): string =>
  `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;

/** The same as the role that runs, which can't change the schema. */
export const embeddedRunUrl = (port: number, password: string): string =>
  `postgres://${runRole}:${password}@127.0.0.1:${port}/${database}`;
