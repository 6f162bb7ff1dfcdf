import { type ProcessScene, startProcessScene } from '../support/processes/process-scene';
import { eventually } from '../support/eventually';
import { type IntegrationBody, sendWebhook } from '../support/scenes/scene';
import { startGateways } from '../support/processes/start-gateways';

/** 1,000 by hand. */
const count = Number(process.env['HOLDFAST_TEST_CROWD'] ?? 200);

let scene: ProcessScene;
beforeAll(async () => {
  scene = await startProcessScene();
}, 60_000);
afterAll(() => scene.close());

/** Each actor drains once when it begins. */
async function idle(): Promise<void> {
  const leases = `SELECT count(*)::int FROM drain_leases WHERE until >= now()`;
  await eventually(
    async () => {
      const { rows } = await scene.system.pool.query<{ count: number }>(leases);
      expect(rows).toEqual([{ count: 0 }]);
    },
    { timeoutMs: 900_000, everyMs: 200 },
  );
}

test(`S23 ${count} integrations with one delivery each in the same second: all are handled`, async () => {
  const [gateway] = await startGateways(scene.processes, 1);
  const worker = scene.processes.start('worker');
  const integrations: IntegrationBody[] = [];
  // A few at a time: it is the handling that is to be crowded.
  while (integrations.length < count) {
    integrations.push(...(await Promise.all(Array.from({ length: 10 }, () => scene.connect()))));
  }
  await idle();
  const startedAt = Date.now();
  const sent = await Promise.all(integrations.map((one) => sendWebhook(gateway?.url ?? '', one)));
  const answeredMs = Date.now() - startedAt;
  expect(sent.every(({ status, outcome }) => status === 202 && outcome === 'accepted')).toBe(true);
  const { received } = scene.destination;
  await eventually(() => expect(received.length).toBeGreaterThanOrEqual(count), {
    timeoutMs: 600_000,
    everyMs: 50,
  });
  expect(new Set(received.map(({ id }) => id))).toEqual(new Set(sent.map(({ id }) => id)));
  const after = received.map(({ at }) => at - startedAt).sort((a, b) => a - b);
  console.info(
    `${count} answered after ${answeredMs} ms; at the destination the first after ${after[0] ?? NaN} ms, ` +
      `half after ${after[count / 2] ?? NaN} ms, all after ${after[count - 1] ?? NaN} ms; signals lost: ` +
      String(gateway?.process.output().includes('actor.not_signalled')),
  );
  await eventually(
    async () => {
      const { rows } = await scene.system.pool.query<{ state: string; count: number }>(
        'SELECT state, count(*)::int FROM deliveries GROUP BY state',
      );
      expect(rows).toEqual([{ state: 'handled', count }]);
    },
    { timeoutMs: 60_000, everyMs: 100 },
  );
  expect(received).toHaveLength(count);
  await worker.stop();
}, 1_800_000);
