import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Registry } from 'prom-client';
import { createGatewayMetrics } from '../../src/metrics/gateway';
import { createMetricsRegistry } from '../../src/metrics/registry';
import { showPools, showServer } from '../../src/metrics/servers';
import { createSnapshotGauges } from '../../src/metrics/snapshot-gauges';
import { createWorkerMetrics } from '../../src/metrics/worker';
import { metrics, metricsIn } from './catalogue';

/** As the processes make them. */
const registries = {
  gateway: () => createGatewayMetrics([]).registry,
  worker: () => {
    const registry = createMetricsRegistry('worker');
    createWorkerMetrics(registry, { providers: [], handlers: [] });
    return registry;
  },
};

/** `kind name{labels}` of ours. */
function registered(registry: Registry): string[] {
  showServer(registry, 'postgres', () => true);
  showServer(registry, 'temporal', () => true);
  showPools(registry, []);
  createSnapshotGauges(registry);
  const all = registry.getMetricsAsArray() as unknown as {
    name: string;
    type: string;
    labelNames: string[];
  }[];
  return all.flatMap(({ name, type, labelNames }) =>
    name.startsWith('holdfast_') ? `${type} ${name}{${labelNames.join()}}` : [],
  );
}

test.each(['gateway', 'worker'] as const)('a %s measures what is listed', (process) => {
  const listed = metricsIn(process).flatMap(({ name, kind, labels }) =>
    name.startsWith('holdfast_') ? `${kind} ${name}{${labels.join()}}` : [],
  );
  expect(registered(registries[process]()).sort()).toEqual(listed.sort());
});

test('the reference describes each', () => {
  const text = readFileSync(path.join(__dirname, '../../docs/reference/metrics.md'), 'utf8');
  for (const { name } of metrics.filter((one) => one.name.startsWith('holdfast_')))
    expect(text).toContain(`\`${name}\``);
});
