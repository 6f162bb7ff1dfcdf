import { eventually } from '../support/eventually';
import { historyEvents } from '../support/history-events';
import { keepMany } from '../support/kept-rows';
import { createProcesses, type ProcessStarter } from '../support/processes';
import { type Scene, startScene } from '../support/scene';
import { watchMemory } from '../support/watch-memory';

/** 50,000 by hand, where nothing else is running. */
const deliveries = Number(process.env['HOLDFAST_TEST_KEPT_DELIVERIES'] ?? 5_000);
const parts = 10;
/** How far a tenth may be from the mean, as a share of it: a small one is soon disturbed by other tests. */
const unsteadiness = deliveries >= 50_000 ? 0.3 : 1.5;
const events = { most: deliveries >= 50_000 ? 2_000 : 300 };
/** What a worker may grow by after the first quarter. */
const growthMb = 40;

let scene: Scene;
let processes: ProcessStarter;
beforeAll(async () => {
  scene = await startScene({ withoutWorker: true });
  processes = createProcesses(scene.system.config, { acme: scene.provider.declaration });
}, 60_000);
afterAll(async () => {
  await processes.close();
  await scene.close();
});

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

test(`S42 ${deliveries} kept deliveries are handled after the reconnect at a steady pace, with flat memory and a short history`, async () => {
  const worker = processes.start('worker');
  const integration = await scene.connect();
  const { temporal, pool } = scene.system;
  const workflowId = `integration:${integration.id}`;
  await temporal.workflow.getHandle(workflowId).signal('credentialInvalidated');
  await scene.until(integration.id, 'ERROR');
  await keepMany(pool, integration.id, deliveries);
  expect((await scene.show(integration.id)).inbox).toMatchObject({ pending: deliveries });
  const eventsBefore = (await historyEvents(temporal, workflowId)).length;

  const memory = watchMemory(worker.pid);
  const reconnectedAt = Date.now();
  await scene.system.api(
    'PUT',
    `/v1/integrations/${integration.id}/credentials/main`,
    scene.provider.grant(),
  );
  await eventually(
    async () =>
      expect((await scene.show(integration.id)).inbox).toMatchObject({
        handled: deliveries,
        pending: 0,
      }),
    { timeoutMs: deliveries * 40 + 60_000, everyMs: 500 },
  );
  const sizes = await memory.stop();
  const { received } = scene.destination;
  const sequences = received.map(({ sequence }) => sequence);
  expect(sequences).toHaveLength(deliveries);
  expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));

  const ends = Array.from(
    { length: parts },
    (_, index) => received[((index + 1) * deliveries) / parts - 1]?.at ?? NaN,
  );
  const tookMs = ends.map((end, index) => end - (ends[index - 1] ?? received[0]?.at ?? NaN));
  const meanMs = tookMs.reduce((sum, ms) => sum + ms, 0) / parts;
  const grown = (await historyEvents(temporal, workflowId)).length - eventsBefore;
  const early = median(sizes.slice(0, Math.ceil(sizes.length / 4)));
  const late = median(sizes.slice(-Math.ceil(sizes.length / 4)));
  console.info(
    `the first ${(received[0]?.at ?? NaN) - reconnectedAt} ms after the reconnect, then ` +
      `${Math.round((deliveries / parts / meanMs) * 1_000)} a second; ms for each tenth: ` +
      `${tookMs.join(' ')}; worker ${early} MB at first, ${late} MB at last, ` +
      `at most ${Math.max(...sizes)}; ${grown} history events`,
  );
  for (const ms of tookMs) expect(Math.abs(ms - meanMs)).toBeLessThan(unsteadiness * meanMs);
  expect(late - early).toBeLessThan(growthMb);
  expect(grown).toBeLessThan(events.most);
  await worker.stop();
}, 3_600_000);
