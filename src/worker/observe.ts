import type { Config } from '../config';
import type { Pool } from '../db/pool';
import type { Logger } from '../lib/log';
import type { Keeper } from '../lib/timing';
import type { ServerWatch } from '../lib/watch-server';
import { createMetricsRegistry } from '../metrics/registry';
import { showPools, showServer } from '../metrics/servers';
import { createSnapshot, type SnapshotOptions } from '../metrics/snapshot';
import { createWorkerMetrics, type WorkerMetrics } from '../metrics/worker';
import type { HoldfastConfiguration } from '../providers/provider';
import { listenForOperators } from './port';
import { type Observed, readinessOf } from './readiness';
import { createTemporalMetrics } from './temporal-metrics';

interface Servers extends Pick<SnapshotOptions, 'databaseUrl' | 'isSweepPaused'> {
  postgres: Pick<ServerWatch, 'isAvailable'>;
  temporal: Pick<ServerWatch, 'isAvailable'>;
  pools: readonly Pool[];
}

/** How others see a worker's process. */
export interface Observation {
  /** What `/readyz` follows from; who starts and stops the process keeps it up to date. */
  parts: Observed;
  /** Undefined where nothing is measured. */
  metrics: WorkerMetrics | undefined;
  /** From now on, where anything is measured; the gauges too, where no other process reads them. */
  measure(servers: Servers): void;
  url: string;
  close(): Promise<void>;
}

/** @throws ConfigError where nobody can listen at `HOLDFAST_WORKER_PORT` */
export async function observe(
  config: Config,
  { providers = {}, handlers = {} }: HoldfastConfiguration,
  log: Logger,
): Promise<Observation> {
  let snapshot: Keeper | undefined;
  const parts: Observed = { phase: 'starting', workers: [] };
  const registry = config.metrics ? createMetricsRegistry('worker') : undefined;
  const declared = { providers: Object.keys(providers), handlers: Object.keys(handlers) };
  const metrics = registry && createWorkerMetrics(registry, declared);
  const readLibrary = createTemporalMetrics(log);
  const port = await listenForOperators({
    ...{ host: config.host, port: config.workerPort, metricsToken: config.metricsToken, log },
    readiness: () => readinessOf(parts),
    measured:
      registry &&
      (async () => {
        const texts = await Promise.all([registry.metrics(), readLibrary()]);
        return { contentType: registry.contentType, text: texts.join('') };
      }),
  });
  log.info({ event: 'worker.listening', url: port.url }, 'The worker answers operators');
  return {
    parts,
    metrics,
    measure: ({ postgres, temporal, pools, ...asked }) => {
      if (registry === undefined) return;
      showServer(registry, 'postgres', () => postgres.isAvailable());
      showServer(registry, 'temporal', () => temporal.isAvailable());
      showPools(registry, pools);
      snapshot = createSnapshot({ ...asked, registry, config, log });
    },
    url: port.url,
    close: async () => {
      await snapshot?.stop();
      await port.close();
    },
  };
}
