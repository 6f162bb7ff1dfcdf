import { setTimeout as timeout } from 'node:timers/promises';
import { eventually } from '../support/eventually';
import { drainKinds, type HangingScene, startHangingScene } from '../support/scenes/hanging-tenant';

/** Of one user, a quarter of each kind. */
const count = 2_000;
const deliveriesOf = { ordered: 1, unordered: 5, handler: 1, token: 1 };

let scene: HangingScene;
beforeAll(async () => {
  scene = await startHangingScene();
  // The token endpoint hangs, too.
  scene.provider.behave(() => undefined);
}, 60_000);
afterAll(async () => {
  await scene.provider.close();
  await scene.close();
}, 60_000);

/** In the given order of time, the share that took no longer. */
const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

test('two thousand integrations of one user that hang keep no other user waiting', async () => {
  const healthy = await Promise.all(drainKinds.map((kind) => scene.connectHealthy(kind)));
  const hanging: string[] = [];
  for (const kind of drainKinds) {
    hanging.push(...(await scene.insertHanging(kind, count / 4, deliveriesOf[kind])));
  }
  await scene.wake(hanging);
  await eventually(
    async () => {
      const { rowCount } = await scene.system.pool.query(
        'SELECT FROM drain_leases WHERE integration_id = ANY ($1::text[])',
        [hanging],
      );
      expect(rowCount).toBe(count);
    },
    { timeoutMs: 240_000, everyMs: 1_000 },
  );
  const sentAt = new Map<string, number>();
  for (let round = 0; round < 10; round++) {
    for (const one of healthy) {
      const at = Date.now();
      const { id } = await scene.webhook(one);
      sentAt.set(id, at);
    }
    await timeout(500);
  }
  const took = (
    await Promise.all(
      healthy.map(({ id }) =>
        eventually(() => scene.handledWithin(id, sentAt), { timeoutMs: 60_000, everyMs: 200 }),
      ),
    )
  ).flat();
  const sorted = took.toSorted((a, b) => a - b);
  console.info(
    `${sorted.length} deliveries beside ${count} that hang: median ${quantile(sorted, 0.5)} ms, ` +
      `p95 ${quantile(sorted, 0.95)} ms, most ${sorted.at(-1)} ms; ${scene.hanging.most()} requests hung at once`,
  );
  expect(sorted.at(-1)).toBeLessThan(3_000);
  await scene.endHanging(hanging);
}, 600_000);
