import { randomBytes } from 'node:crypto';
import { ScheduleNotFoundError } from '@temporalio/client';
import type { Config } from '../../../src/config';
import type { Pool } from '../../../src/db/pool';
import { startGateway, type Gateway } from '../../../src/gateway/main';
import type { Names } from '../../../src/destinations/look-up-names';
import { createLog, type Logger } from '../../../src/lib/log';
import type { HoldfastConfiguration } from '../../../src/providers/provider';
import { createTemporal, type Temporal } from '../../../src/temporal/client';
import { startWorker, type WorkerProcess } from '../../../src/worker/main';
import type { Durations } from '../../../activities';
import type { DrainLimits } from '../../../activities/drain/limits';
import { sweepScheduleId } from '../../../workflows/contract/ids';
import { testDatabase } from '../servers/database';
import { testTemporal } from '../servers/temporal';
import { testWorkflowBundle } from '../servers/workflow-bundle';
import { openRules } from '../connections';

const apiKey = 'an-api-key-of-the-tests-with-more-than-32-characters';

/** A gateway and a worker on a database and a namespace of their own. */
export interface System {
  config: Config;
  configuration: HoldfastConfiguration;
  url: string;
  pool: Pool;
  temporal: Temporal['client'];
  /** Every line that was logged, as JSON text. */
  logLines: string[];
  worker(): WorkerProcess;
  stopWorker(): Promise<void>;
  startWorker(): Promise<void>;
  /** Calls the application's API. */
  api<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }>;
  close(): Promise<void>;
}

export interface SystemOptions {
  configuration: HoldfastConfiguration;
  config?: Partial<Config>;
  withoutWorker?: boolean;
  /** Of the worker in this process. */
  durations?: Partial<Durations>;
  drainLimits?: DrainLimits;
  names?: Names;
  /** Makes another address of the database's, such as one that can be cut. */
  reach?: (databaseUrl: string) => Promise<string>;
  /** Default: a namespace of its own on the server of the run. */
  temporal?: { address: string; namespace: string };
}

export async function startSystem(options: SystemOptions): Promise<System> {
  const { configuration } = options;
  const db = await testDatabase();
  const { address, namespace } = options.temporal ?? (await testTemporal());
  const config = testConfig({
    databaseUrl: (await options.reach?.(db.runUrl)) ?? db.runUrl,
    temporalAddress: address,
    temporalNamespace: namespace,
    ...options.config,
  });
  const logLines: string[] = [];
  const log: Logger = createLog('debug', { write: (line) => void logLines.push(line) });
  const temporal = createTemporal({ address, namespace });
  const gateway: Gateway = await startGateway(config, { configuration, log });
  const workerOptions = {
    ...{ configuration, log, workflowBundlePath: testWorkflowBundle() },
    durations: options.durations ?? {},
    ...(options.drainLimits === undefined ? {} : { drainLimits: options.drainLimits }),
    ...(options.names === undefined ? {} : { names: options.names }),
  };
  let worker: WorkerProcess | null = null;
  const start = async () => {
    worker ??= await startWorker(config, workerOptions);
  };
  const stop = async () => {
    const running = worker;
    worker = null;
    await running?.close();
  };
  if (options.withoutWorker !== true) await start();
  return {
    config,
    configuration,
    url: gateway.url,
    pool: db.pool,
    temporal: temporal.client,
    logLines,
    worker: () => {
      if (worker === null) throw new Error('the worker is not running');
      return worker;
    },
    startWorker: start,
    stopWorker: stop,
    api: async <T>(method: string, path: string, body?: unknown) => {
      const response = await fetch(gateway.url + path, {
        method,
        headers: {
          authorization: `Bearer ${apiKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T };
    },
    close: async () => {
      await stop();
      await gateway.close();
      // On the server of the run it would go on starting sweeps that nobody works off.
      if (options.temporal === undefined) await endSchedule(temporal.client);
      await temporal.close();
      await db.drop();
    },
  };
}

async function endSchedule(client: Temporal['client']): Promise<void> {
  try {
    await client.schedule.getHandle(sweepScheduleId).delete();
  } catch (error) {
    // Where no worker ever ran there is none.
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}

function testConfig(overrides: Partial<Config>): Config {
  return {
    host: '127.0.0.1',
    port: 0,
    publicUrl: 'http://holdfast.test',
    databaseUrl: undefined,
    migrateDatabaseUrl: undefined,
    temporalAddress: undefined,
    temporalNamespace: undefined,
    temporalUiUrl: undefined,
    dataDir: '/nonexistent',
    postgresPort: 0,
    temporalPort: 0,
    temporalUiPort: 0,
    playgroundPort: 0,
    apiKeys: [apiKey],
    keys: [{ id: 'k1', key: randomBytes(32) }],
    configFile: undefined,
    apps: {},
    hold: undefined,
    notifyUrl: undefined,
    notifySecret: undefined,
    notifySkipRecovered: false,
    bodyLimitBytes: 1024 * 1024,
    // A test sends as fast as its machine lets it.
    rateLimitPerSecond: 100_000,
    keepLimit: 100_000,
    keepLimitBytes: 2 ** 30,
    trustedProxies: [],
    retentionDays: 30,
    auditRetentionDays: 365,
    // Gauges of a process are there once, and files share one.
    metrics: false,
    metricsPort: undefined,
    metricsToken: undefined,
    workerPort: 0,
    snapshotSeconds: 15,
    temporalUserAttribute: 'on',
    temporalHashKey: undefined,
    allowedOrigins: [],
    signInUrl: undefined,
    appLogoUrl: undefined,
    brandColor: undefined,
    appName: 'the tests',
    ...openRules,
    sweepSeconds: 3600,
    logLevel: 'debug',
    ...overrides,
  };
}
