import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { deployText, keepRunning, type StackContext } from './context';
import { makeHoldfastDatabase, startStackPostgres } from './postgres';
import type { ServerBinaries } from './server-build';
import type { Service } from './supervise';
import { createNamespace, setUpSchema, startTemporal } from './temporal';
import { temporalConfig } from './temporal-config';

/** Starts Postgres twice, with what each is for made in it, and Temporal on the second. */
export async function startServers(
  context: StackContext,
  { version, folder }: ServerBinaries,
): Promise<void> {
  const { root, paths, ports, secrets, progress } = context;
  await progress.during('starting two servers of Postgres', () =>
    keepRunning(context, 'Postgres', [
      postgres(context, {
        name: 'holdfast-postgres',
        dataDir: paths.holdfastPostgres,
        port: ports.holdfastPostgres,
        password: secrets.holdfastPostgres,
      }),
      postgres(context, {
        name: 'temporal-postgres',
        dataDir: paths.temporalPostgres,
        port: ports.temporalPostgres,
        password: secrets.temporalPostgres,
      }),
    ]),
  );
  await makeHoldfastDatabase(
    `postgres://postgres:${secrets.holdfastPostgres}@127.0.0.1:${ports.holdfastPostgres}/postgres`,
    deployText(context, 'postgres/roles.sql'),
    { secrets, folder: paths.root },
  );
  await progress.during("setting Temporal's schema up", () =>
    setUpSchema(path.join(root, 'deploy/temporal/set-up-schema.sh'), {
      folder,
      port: ports.temporalPostgres,
      passwordFile: secrets.fileOf('temporal_postgres_password'),
      logFile: paths.logOf('temporal-schema'),
    }),
  );
  const store = {
    port: ports.temporalPostgres,
    user: 'postgres',
    password: secrets.temporalPostgres,
  };
  const dynamicConfig = path.join(root, 'deploy/temporal/dynamic-config.yaml');
  const config = temporalConfig(ports, store, dynamicConfig);
  writeFileSync(paths.temporalConfig, config, { mode: 0o600 });
  const server = {
    binary: path.join(folder, 'temporal-server'),
    configFile: paths.temporalConfig,
    address: `127.0.0.1:${ports.temporal}`,
    logFile: paths.logOf('temporal'),
    pidFile: paths.pidOf('temporal'),
  };
  await progress.during(`starting Temporal ${version}`, async () => {
    await keepRunning(context, 'Temporal', [
      { name: 'temporal', launch: () => startTemporal(server) },
    ]);
    await createNamespace(server.address, 'default');
  });
}

function postgres(
  { paths }: StackContext,
  server: { name: string; dataDir: string; port: number; password: string },
): Service {
  const { name } = server;
  const files = { logFile: paths.logOf(name), pidFile: paths.pidOf(name) };
  return { name, launch: () => startStackPostgres({ ...server, ...files }) };
}
