import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { ownVersion } from '../lib/own-version';

/** Which process measures. */
export type Measured = 'gateway' | 'worker';

/** Prefix of every metric of ours. */
export const prefix = 'holdfast_';

/** Gauges that are named as counters; each says the sum of another one, by type. */
const misnamed = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`);

/**
 * What one process measures, with what `prom-client` says of it (`process_*`, `nodejs_*`) and `holdfast_build_info`. One
 * for a process: what it starts to watch the process stays until that ends.
 */
export function createMetricsRegistry(process: Measured): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  const info = new Gauge({
    name: `${prefix}build_info`,
    help: 'Always 1; the version that runs, and as which process.',
    labelNames: ['version', 'process'],
    registers: [registry],
  });
  info.set({ version: ownVersion(), process }, 1);
  return registry;
}
