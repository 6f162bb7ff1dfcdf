import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { migrate } from '../../src/db/migrate';
import type { DataDir } from '../../src/dev/data-dir';
import { postgresAccount } from '../../src/dev/postgres/account';
import { postgresBinaries } from '../../src/dev/postgres/binaries';
import { initialisePostgres } from '../../src/dev/postgres/init';
import { ping, startPostgres } from '../../src/dev/postgres/server';
import { freePorts } from '../../src/dev/process/free-ports';
import { runGuarded } from '../../src/dev/process/guarded';
import { logTail } from '../../src/dev/process/log-tail';
import type { Releases } from '../../src/dev/process/releases';
import { waitUntil } from '../../src/dev/process/wait-until';
import type { Progress } from '../../src/dev/progress';
import { findTemporal } from '../../src/dev/temporal/binary';
import { startTemporalServer } from '../../src/dev/temporal/server';
import { createLog } from '../../src/lib/log';
import { makeDatabase } from '../postgres';
import { type Part, Parts, pidIn } from './parts';

export interface StartPartsOptions {
  paths: DataDir;
  /** Where tokens are renewed. */
  tokenUrl: string;
  /** The value of `PATH`. */
  searchPath: string | undefined;
  progress: Progress;
  releases: Releases;
}

export interface StartedParts {
  parts: Parts;
  gatewayUrl: string;
  apiKey: string;
  databaseUrl: string;
  temporalAddress: string;
}

const cli = path.join(__dirname, '../../src/cli.js');
const readyWithinMs = 60_000;

/** Starts all four on data that outlive a killed process, with the settings that `npm start` has. */
export async function startParts(options: StartPartsOptions): Promise<StartedParts> {
  const { paths, progress, releases } = options;
  const [postgresPort = 0, temporalPort = 0, port = 0, workerPort = 0] = await freePorts(4);
  const parts = new Parts(paths.root, releases, progress.say);
  const postgres = await postgresPart(paths, postgresPort);
  await progress.during('starting Postgres', () => parts.start(postgres));
  const databaseUrl = await makeDatabase(postgres.url, 'holdfast');
  await migrate(databaseUrl, createLog('warn'));

  const { binary, version } = await findTemporal({
    ...{ progress, searchPath: options.searchPath },
    started: (build) => releases.add('', () => build.stop()),
  });
  const { temporalDb: dbFile, temporalLog: logFile, temporalPid: pidFile } = paths;
  const temporal = { binary, port: temporalPort, dbFile, logFile, pidFile };
  await progress.during(`starting Temporal ${version}`, () =>
    parts.start({
      name: 'temporal',
      launch: () => startTemporalServer(temporal),
      pid: () => pidIn(pidFile),
    }),
  );

  const apiKey = randomBytes(24).toString('hex');
  const temporalAddress = `127.0.0.1:${temporalPort}`;
  const env = {
    ...{ HOST: '127.0.0.1', PORT: String(port), HOLDFAST_WORKER_PORT: String(workerPort) },
    ...{ DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress },
    TEMPORAL_CONFIG_FILE: path.join(paths.root, 'no-profiles.toml'),
    HOLDFAST_API_KEYS: apiKey,
    HOLDFAST_KEYS: `kills:${randomBytes(32).toString('base64')}`,
    HOLDFAST_PRIVATE_DESTINATIONS: 'allow',
  };
  writeFileSync(path.join(paths.root, 'holdfast.config.mjs'), configuration(options.tokenUrl));
  await progress.during('starting gateway and worker', () =>
    Promise.all([
      parts.start(holdfast('gateway', { paths, env, port })),
      parts.start(holdfast('worker', { paths, env, port: workerPort })),
    ]),
  );
  const gatewayUrl = `http://127.0.0.1:${port}`;
  return { parts, gatewayUrl, apiKey, databaseUrl, temporalAddress };
}

async function postgresPart(
  { postgres: dataDir, postgresLog: logFile }: DataDir,
  port: number,
): Promise<Part & { url: string }> {
  const binaries = postgresBinaries();
  const account = postgresAccount(binaries, [dataDir]);
  const password = randomBytes(18).toString('base64url');
  await initialisePostgres({ binaries, account, dataDir, password });
  const server = { binaries, account, dataDir, port, password, logFile };
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  return {
    ...{ name: 'postgres', url },
    launch: () => startPostgres(server),
    pid: () => pidIn(path.join(dataDir, 'postmaster.pid')),
    probe: () => ping(url, 1_000),
  };
}

/** A provider that says of its tokens nothing but when they end. */
const configuration = (tokenUrl: string) => `
export default {
  providers: {
    kills: {
      webhook: { scheme: 'standard-webhooks' },
      oauth: {
        authorizationUrl: 'http://127.0.0.1:9/authorize',
        tokenUrl: '${tokenUrl}',
        clientId: 'kills',
        clientSecret: 'kills',
      },
      privateAddresses: 'allow',
    },
  },
};
`;

function holdfast(
  name: 'gateway' | 'worker',
  { paths, env, port }: { paths: DataDir; env: Record<string, string>; port: number },
): Part {
  const logFile = path.join(paths.root, `${name}.log`);
  const pidFile = path.join(paths.root, `${name}.pid`);
  const isReady = async () => {
    const { ok } = await fetch(`http://127.0.0.1:${port}/readyz`, {
      signal: AbortSignal.timeout(2_000),
    });
    if (!ok) throw new Error(`The ${name} is not ready. ${logTail(logFile)}`);
  };
  return {
    ...{ name, pid: () => pidIn(pidFile) },
    launch: async () => {
      const child = runGuarded({
        command: process.execPath,
        // As the image and `npm start` run it.
        args: ['--max-semi-space-size=32', cli, name],
        options: { cwd: paths.root },
        ...{ env, logFile, pidFile, stopSignal: 'SIGTERM', graceMs: 20_000 },
      });
      try {
        await waitUntil(() => (child.hasExited() ? undefined : isReady()), {
          timeoutMs: readyWithinMs,
        });
        if (child.hasExited()) throw new Error(`The ${name} ended. ${logTail(logFile)}`);
        return child;
      } catch (error) {
        await child.stop();
        throw error;
      }
    },
  };
}
