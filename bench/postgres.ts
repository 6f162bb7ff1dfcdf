import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import type { DataDir } from '../src/dev/data-dir';
import { startPostgres } from '../src/dev/postgres/server';
import { postgresAccount } from '../src/dev/postgres/account';
import { postgresBinaries } from '../src/dev/postgres/binaries';
import { initialisePostgres } from '../src/dev/postgres/init';

export interface BenchPostgres {
  /** Of an empty database. */
  url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** The Postgres of `npm start`, with its settings, on data of its own, which go when it ends. */
export async function startBenchPostgres(paths: DataDir, port: number): Promise<BenchPostgres> {
  const binaries = postgresBinaries();
  const dataDir = paths.postgres;
  const account = postgresAccount(binaries, [dataDir]);
  const password = randomBytes(18).toString('base64url');
  await initialisePostgres({ binaries, account, dataDir, password });
  const server = await startPostgres({
    ...{ binaries, account, dataDir, port, password },
    logFile: paths.postgresLog,
    removeWhenStopped: [path.resolve(paths.root)],
  });
  // Its first line.
  const pid = parseInt(readFileSync(path.join(dataDir, 'postmaster.pid'), 'utf8'), 10);
  return { url: server.url, pid, stop: () => server.stop() };
}

/** @returns the address of a database, made now, on the same server */
export async function makeDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = name;
  return url.href;
}

const shownSettings = ['server_version', 'fsync', 'synchronous_commit', 'full_page_writes'];

/**
 * The settings that the figures depend on.
 * @throws Error where an answered webhook could be lost: then the figures would mean nothing
 */
export async function checkDurability(client: pg.Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; setting: string }>(
    'SELECT name, setting FROM pg_settings WHERE name = ANY ($1)',
    [shownSettings],
  );
  const settings = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  for (const name of ['fsync', 'synchronous_commit']) {
    if (settings[name] !== 'on') throw new Error(`${name} is ${settings[name] ?? 'unknown'}`);
  }
  return settings;
}
