import path from 'node:path';
import { parseConfig, type Config, type Environment } from '../config';
import { loadConfiguration } from '../config/load-file';
import { warnOfUnknownVariables } from '../config/unknown-variables';
import { migrate } from '../db/migrate';
import { createProviderConnections } from '../destinations/agent';
import { startGateway } from '../gateway/main';
import { createLog } from '../lib/log';
import { withBuiltIns } from '../providers/built-in';
import { createRegistry } from '../providers/registry';
import { exitCodeOf, stopSignal } from '../lib/serve';
import { startWorker } from '../worker/main';
import { addPlayground } from './add-playground';
import { openDataDir, type DataDir } from './data-dir';
import { earlierServerGone } from './process/earlier-server';
import { explainLocalKeys } from './local-keys';
import { explainLocalTemporal, startLocalStack } from './local-stack';
import { madeSecrets } from './made-secrets';
import { checkPorts, type WantedPort } from './process/ports';
import { createProgress, type Progress } from './progress';
import { Releases } from './process/releases';
import { StartError } from './start-error';
import { takeStartLock } from './process/start-lock';
import { summary } from './summary';

/** Longer than a worker takes to give up on what it has in flight. */
const stopLimitMs = 60_000;
/** With a server gone there is nothing to wait for. */
const failedStopLimitMs = 5_000;

export interface StartOptions {
  env: Environment;
  cwd: string;
}

/**
 * The whole stack in the foreground, until a signal.
 * @returns the exit code
 * @throws Error where it can't start or a part of it ends; everything is stopped by then
 */
export async function start(options: StartOptions): Promise<number> {
  const progress = createProgress((line) => process.stdout.write(`${line}\n`));
  const releases = new Releases();
  const failed = boot(options, progress, releases).then(async (failures) => {
    throw new StartError(await Promise.race(failures));
  });
  try {
    const signal = await Promise.race([stopSignal(), failed]);
    progress.say(`${signal}: stopping`);
    await releases.run(stopLimitMs, progress.say);
    progress.say('stopped');
    return exitCodeOf(signal);
  } catch (error) {
    await releases.run(failedStopLimitMs, progress.say);
    throw error;
  }
}

/** @returns a promise for each part, that settles with a sentence when the part ends */
async function boot(
  { env, cwd }: StartOptions,
  progress: Progress,
  releases: Releases,
): Promise<Promise<string>[]> {
  const given = parseConfig({
    ...env,
    // On a developer's machine the application is on loopback.
    HOLDFAST_PRIVATE_DESTINATIONS: env['HOLDFAST_PRIVATE_DESTINATIONS'] || 'allow',
    // Nor does anybody scrape it: two stacks are not to meet.
    HOLDFAST_WORKER_PORT: env['HOLDFAST_WORKER_PORT'] || '0',
  });
  const log = createLog(given.logLevel);
  warnOfUnknownVariables(env, log);
  const file = await loadConfiguration(given.configFile, cwd);
  const declared = withBuiltIns(file.declared, given.apps);
  createRegistry(declared, createProviderConnections(given));
  const paths = openDataDir(given.dataDir);
  releases.add('', takeStartLock(paths.lock));
  await earlierServersGone(paths);
  await checkPorts(wantedPorts(given));
  const { apiKeys, keys } = parseConfig({ ...env, ...madeSecrets(env, paths) });

  const local = await startLocalStack(
    { ...given, apiKeys, keys },
    { paths, progress, releases, searchPath: env['PATH'] },
  );
  const { failures } = local;
  const played = await addPlayground(local.config, declared, { log, releases });
  const { config, configuration } = played;
  await progress.during('migrating the database', () =>
    migrate(config.migrateDatabaseUrl, log, config.databaseUrl),
  );

  const worker = await progress.during('starting the worker', () =>
    startWorker(config, { configuration, log }).catch((error: unknown) => {
      throw explainLocalTemporal(explainLocalKeys(error as Error, env, paths), local, paths);
    }),
  );
  releases.add('the worker', () => worker.close());
  failures.push(worker.failed.then(({ message }) => `The worker failed: ${message}`));
  const gateway = await progress.during('starting the gateway', () =>
    startGateway(config, { configuration, log }),
  );
  releases.add('the gateway', () => gateway.close());

  const own = {
    temporalBinary: local.temporalBinary,
    workerUrl: worker.url,
    configurationFile: file,
    configuration,
    playgroundUrl: played.url,
    madeApiKey: !env['HOLDFAST_API_KEYS'],
  };
  progress.say(['ready', ...summary(config, paths, own), '  Ctrl-C stops all of it.'].join('\n'));
  return failures;
}

async function earlierServersGone(paths: DataDir): Promise<void> {
  const { postgres, temporalDb, temporalPid } = paths;
  const pidFile = path.join(postgres, 'postmaster.pid');
  await earlierServerGone({ name: 'Postgres', pidFile, marker: postgres });
  await earlierServerGone({ name: 'Temporal', pidFile: temporalPid, marker: temporalDb });
}

function wantedPorts(config: Config): WantedPort[] {
  const host = '127.0.0.1';
  const { port, postgresPort, temporalPort, temporalUiPort, playgroundPort } = config;
  const wanted = [
    { what: 'gateway', host: config.host, port, variable: 'PORT' },
    { what: 'playground', host, port: playgroundPort, variable: 'HOLDFAST_PLAYGROUND_PORT' },
  ];
  if (config.workerPort !== 0) {
    const { workerPort } = config;
    const variable = 'HOLDFAST_WORKER_PORT';
    wanted.push({ what: 'worker', host: config.host, port: workerPort, variable });
  }
  if (config.databaseUrl === undefined) {
    wanted.push({ what: 'Postgres', host, port: postgresPort, variable: 'HOLDFAST_POSTGRES_PORT' });
  }
  if (config.temporalAddress === undefined) {
    wanted.push(
      { what: 'Temporal', host, port: temporalPort, variable: 'HOLDFAST_TEMPORAL_PORT' },
      { what: 'Temporal UI', host, port: temporalUiPort, variable: 'HOLDFAST_TEMPORAL_UI_PORT' },
    );
  }
  return wanted;
}
