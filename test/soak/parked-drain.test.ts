import { type ProcessScene, startProcessScene } from '../support/processes/process-scene';
import { eventually } from '../support/eventually';
import { historyEvents } from '../support/scenes/history-events';
import { keepMany } from '../support/scenes/parked-rows';
import { watchMemory } from '../support/scenes/watch-memory';
import { watchProcessor } from '../support/scenes/watch-processor';

/** 50,000 by hand, where nothing else is running. Half as many are over before V8 has tidied up once, and say nothing of memory. */
const deliveries = Number(process.env['HOLDFAST_TEST_KEPT_DELIVERIES'] ?? 10_000);
const parts = 10;
/** The pace is that of the clock only where nothing else is running; beside other tests it is the work of each part. */
const isAlone = deliveries >= 50_000;
/** How far a tenth may be from the mean, as a share of it: a small one has few ticks. */
const unsteadiness = isAlone ? 0.3 : 1.5;
const events = { most: isAlone ? 2_000 : 300 };
/** What a worker may grow by after the first quarter. */
const growthMb = 40;

let scene: ProcessScene;
beforeAll(async () => {
  scene = await startProcessScene();
}, 60_000);
afterAll(() => scene.close());

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

test(`S42 ${deliveries} kept deliveries are handled after the reconnect at a steady pace, with flat memory and a short history`, async () => {
  const worker = scene.processes.start('worker');
  const { temporal, pool } = scene.system;
  const { received } = scene.destination;
  // A worker that has just begun compiles what it runs, which is no part of its pace.
  const warming = await scene.connect();
  await keepMany(pool, warming.id, deliveries / parts);
  await temporal.workflow.getHandle(`integration:${warming.id}`).signal('holdChanged');
  await eventually(() => expect(received).toHaveLength(deliveries / parts), {
    timeoutMs: (deliveries / parts) * 40 + 60_000,
  });
  received.length = 0;
  const integration = await scene.connect();
  const workflowId = `integration:${integration.id}`;
  await temporal.workflow.getHandle(workflowId).signal('credentialInvalidated');
  await scene.until(integration.id, 'ERROR');
  await keepMany(pool, integration.id, deliveries);
  expect((await scene.show(integration.id)).inbox).toMatchObject({ pending: deliveries });
  const eventsBefore = (await historyEvents(temporal, workflowId)).length;

  const processor = watchProcessor(worker.pid, pool, 'holdfast worker');
  const readings = [processor.read()];
  scene.destination.answer((_request, answer) => {
    if (received.length % (deliveries / parts) === 0) readings.push(processor.read());
    answer.writeHead(204).end();
  });
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
  const sequences = received.map(({ sequence }) => sequence);
  expect(sequences).toHaveLength(deliveries);
  expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));

  const ends = Array.from(
    { length: parts },
    (_, index) => received[((index + 1) * deliveries) / parts - 1]?.at ?? NaN,
  );
  const tookMs = ends.map((end, index) => end - (ends[index - 1] ?? received[0]?.at ?? NaN));
  const ticks = await Promise.all(readings);
  const worked = ticks.slice(1).map((tick, index) => tick - (ticks[index] ?? NaN));
  const grown = (await historyEvents(temporal, workflowId)).length - eventsBefore;
  const early = median(sizes.slice(0, Math.ceil(sizes.length / 4)));
  const late = median(sizes.slice(-Math.ceil(sizes.length / 4)));
  console.info(
    `the first ${(received[0]?.at ?? NaN) - reconnectedAt} ms after the reconnect, then ` +
      `${Math.round((deliveries / parts / mean(tookMs)) * 1_000)} a second; ms for each tenth: ` +
      `${tookMs.join(' ')}; ticks: ${worked.join(' ')}; worker ${early} MB at first, ${late} MB at last, ` +
      `at most ${Math.max(...sizes)}; ${grown} history events`,
  );
  expect(worked).toHaveLength(parts);
  const pace = isAlone ? tookMs : worked;
  for (const part of pace) {
    expect(Math.abs(part - mean(pace))).toBeLessThan(unsteadiness * mean(pace));
  }
  expect(late - early).toBeLessThan(growthMb);
  expect(grown).toBeLessThan(events.most);
  await worker.stop();
}, 3_600_000);
