import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { earlierServerGone } from '../process/earlier-server';
import { postgresAccount } from '../postgres/account';
import { postgresBinaries } from '../postgres/binaries';
import { initialisePostgres } from '../postgres/init';
import { startPostgres, type Postgres } from '../postgres/server';
import type { StackSecrets } from './secrets';

export interface StackPostgres {
  name: string;
  dataDir: string;
  port: number;
  password: string;
  logFile: string;
  pidFile: string;
}

/**
 * Starts one of the two servers, on a data folder that is made the first time. Its superuser is `postgres`.
 * @throws StartError where it doesn't come up
 */
export async function startStackPostgres(server: StackPostgres): Promise<Postgres> {
  const { name, dataDir, password } = server;
  const binaries = postgresBinaries();
  const account = postgresAccount(binaries, [path.dirname(dataDir)]);
  const pidFile = path.join(dataDir, 'postmaster.pid');
  await earlierServerGone({ name, pidFile, marker: dataDir });
  if (!existsSync(dataDir)) await initialisePostgres({ binaries, account, dataDir, password });
  return startPostgres({ ...server, binaries, account });
}

/**
 * Makes Holdfast's database with its two roles, by the script that Postgres' image runs. Safe to run again.
 * @param url of the server, as its superuser
 * @param script `deploy/postgres/roles.sql`
 */
export async function makeHoldfastDatabase(
  url: string,
  script: string,
  { secrets, folder }: { secrets: StackSecrets; folder: string },
): Promise<void> {
  await query(url, async (client) => {
    const found = await client.query(`SELECT FROM pg_database WHERE datname = 'holdfast'`);
    if (found.rowCount === 0) await client.query('CREATE DATABASE holdfast');
  });
  // The server reads them, as whoever it runs as.
  const readable = mkdtempSync(path.join(folder, 'roles-'));
  try {
    const { owner } = postgresAccount(postgresBinaries(), [folder]);
    const give = (file: string) => {
      if (owner.uid !== undefined && owner.gid !== undefined) chownSync(file, owner.uid, owner.gid);
    };
    give(readable);
    for (const name of new Set(script.match(/(?<=\/run\/secrets\/)\w+/g))) {
      const copy = path.join(readable, name);
      writeFileSync(copy, readFileSync(secrets.fileOf(name)), { mode: 0o400 });
      give(copy);
    }
    const database = Object.assign(new URL(url), { pathname: '/holdfast' }).href;
    await query(database, (client) => client.query(script.replaceAll('/run/secrets', readable)));
  } finally {
    rmSync(readable, { recursive: true, force: true });
  }
}

async function query(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
