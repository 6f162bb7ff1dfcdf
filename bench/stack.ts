import { mkdirSync, mkdtempSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { migrate } from '../src/db/migrate';
import { openDataDir } from '../src/dev/data-dir';
import { freePorts } from '../src/dev/process/free-ports';
import type { Progress } from '../src/dev/progress';
import type { Releases } from '../src/dev/process/releases';
import { findTemporal } from '../src/dev/temporal/binary';
import { startTemporalServer } from '../src/dev/temporal/server';
import { createLog } from '../src/lib/log';
import { type BenchGateway, startBenchGateway } from './gateway';
import { checkDurability, makeDatabase, startBenchPostgres } from './postgres';
import { startSystems, type System } from './systems';

export interface Stack {
  systems: System[];
  gateway: BenchGateway;
  databaseUrl: string;
  postgresPid: number;
  /** Settings of Postgres, and Temporal's version. */
  postgres: Record<string, string>;
  temporalVersion: string;
}

export interface StackOptions {
  /** The checkout. */
  root: string;
  /** The value of `PATH`. */
  searchPath: string | undefined;
  cpuProfileDir: string | null;
  progress: Progress;
  releases: Releases;
}

/** Starts Postgres, Temporal, the gateway and what it is compared with, on data of their own. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { progress, releases } = options;
  const parent = path.join(options.root, '.holdfast');
  mkdirSync(parent, { recursive: true });
  const paths = openDataDir(mkdtempSync(path.join(parent, 'bench-')));
  const [postgresPort = 0, temporalPort = 0, port = 0] = await freePorts(3);

  const server = await progress.during('starting Postgres', () =>
    startBenchPostgres(paths, postgresPort),
  );
  releases.add('Postgres', () => server.stop());
  const databaseUrl = await makeDatabase(server.url, 'holdfast');
  const plainDatabaseUrl = await makeDatabase(server.url, 'plain');
  await migrate(databaseUrl, createLog('warn'));

  const { binary, version } = await findTemporal({
    progress,
    searchPath: options.searchPath,
    started: (build) => releases.add('', () => build.stop()),
  });
  const temporal = await progress.during(`starting Temporal ${version}`, () =>
    startTemporalServer({ binary, port: temporalPort, logFile: paths.temporalLog }),
  );
  releases.add('Temporal', () => temporal.stop());

  const gateway = await progress.during('starting the gateway', () =>
    startBenchGateway({
      ...{ paths, port, databaseUrl, cpuProfileDir: options.cpuProfileDir },
      temporalAddress: temporal.address,
    }),
  );
  releases.add('the gateway', () => gateway.stop());
  const systems = await startSystems({ gateway, databaseUrl, plainDatabaseUrl, releases });
  return {
    ...{ systems, gateway, databaseUrl, postgresPid: server.pid, temporalVersion: version },
    postgres: await settingsOf(databaseUrl),
  };
}

async function settingsOf(databaseUrl: string): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await checkDurability(client);
  } finally {
    await client.end();
  }
}
