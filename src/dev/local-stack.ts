import type { Config } from '../config';
import { ownServers } from '../config/own-servers';
import type { DataDir } from './data-dir';
import { embeddedUiUrl } from './local-settings';
import { startEmbeddedPostgres } from './postgres/embedded';
import type { Progress } from './progress';
import type { Releases } from './process/releases';
import { findTemporal } from './temporal/binary';
import { NamespaceTakenError } from '../temporal/namespace-owner';
import { startTemporalServer, type TemporalServer } from './temporal/server';

export interface LocalStack {
  config: Config & { databaseUrl: string; migrateDatabaseUrl: string; temporalAddress: string };
  /** One for each server that was started here: settles with a sentence when it ends. */
  failures: Promise<string>[];
  /** The `temporal` command, where a server was started with it. */
  temporalBinary: string | undefined;
}

export interface LocalStackOptions {
  paths: DataDir;
  progress: Progress;
  releases: Releases;
  /** The value of `PATH`. */
  searchPath: string | undefined;
}

/** Starts Postgres and Temporal where the settings name none, and adds to the settings where they are. */
export async function startLocalStack(
  config: Config,
  options: LocalStackOptions,
): Promise<LocalStack> {
  const failures: Promise<string>[] = [];
  const { databaseUrl, migrateDatabaseUrl } =
    config.databaseUrl === undefined
      ? await ownPostgres(config, options, failures)
      : {
          databaseUrl: config.databaseUrl,
          migrateDatabaseUrl: config.migrateDatabaseUrl ?? config.databaseUrl,
        };
  const temporal: { address: string; ports?: readonly number[]; binary?: string } =
    config.temporalAddress === undefined
      ? await ownTemporal(config, options, failures)
      : { address: config.temporalAddress };
  const { address: temporalAddress, ports: temporalPorts } = temporal;
  const { temporalUiUrl = temporal.binary && embeddedUiUrl(config) } = config;
  const servers = ownServers({ databaseUrl, temporalAddress, temporalUiUrl, temporalPorts });
  return {
    config: Object.freeze({
      ...config,
      databaseUrl,
      migrateDatabaseUrl,
      temporalAddress,
      temporalUiUrl,
      ownServers: servers,
    }),
    failures,
    temporalBinary: temporal.binary,
  };
}

async function ownPostgres(
  config: Config,
  { paths, progress, releases }: LocalStackOptions,
  failures: Promise<string>[],
): Promise<{ databaseUrl: string; migrateDatabaseUrl: string }> {
  const server = await progress.during('starting Postgres', () =>
    startEmbeddedPostgres(paths, config.postgresPort),
  );
  releases.add('Postgres', () => server.stop());
  failures.push(server.exited.then((code) => ended('Postgres', code, paths.postgresLog)));
  return { databaseUrl: server.url, migrateDatabaseUrl: server.ownerUrl };
}

async function ownTemporal(
  config: Config,
  { paths, progress, releases, searchPath }: LocalStackOptions,
  failures: Promise<string>[],
): Promise<TemporalServer & { binary: string }> {
  const { binary, version } = await findTemporal({
    progress,
    searchPath,
    started: (build) => releases.add('', () => build.stop()),
  });
  const server = await progress.during(`starting Temporal ${version} (${binary})`, () =>
    startTemporalServer({
      binary,
      port: config.temporalPort,
      uiPort: config.temporalUiPort,
      dbFile: paths.temporalDb,
      namespaces: config.temporalNamespace === undefined ? [] : [config.temporalNamespace],
      logFile: paths.temporalLog,
      pidFile: paths.temporalPid,
    }),
  );
  releases.add('Temporal', () => server.stop());
  failures.push(server.exited.then((code) => ended('Temporal', code, paths.temporalLog)));
  return { ...server, binary };
}

function ended(name: string, code: number, logFile: string): string {
  return `${name} ended unexpectedly (exit code ${code}); its log is ${logFile}`;
}

/**
 * Says what to do where Temporal's data are of another database: their server ends with the start, and takes no commands. Any
 * other error comes back as it is.
 */
export function explainLocalTemporal(
  error: Error,
  { temporalBinary }: Pick<LocalStack, 'temporalBinary'>,
  { postgres, temporalDb }: Pick<DataDir, 'postgres' | 'temporalDb'>,
): Error {
  if (!(error instanceof NamespaceTakenError) || temporalBinary === undefined) return error;
  const remedy = `"npm start" keeps Temporal's data in ${temporalDb} and the database in ${postgres}: where the database was replaced on purpose, delete ${temporalDb}*, and every actor is made anew from its row; else put the database back.`;
  return new NamespaceTakenError([...error.problems.slice(0, 1), remedy]);
}
