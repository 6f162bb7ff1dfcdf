import { setTimeout as timeout } from 'node:timers/promises';
import { quantile } from '../../bench/statistics';
import { eventually } from '../support/eventually';
import { drainKinds, type HangingScene, startHangingScene } from '../support/scenes/hanging-tenant';

/** Of one user, as many of each kind. */
const count = 2_000;
const forMs = 25_000;

let scene: HangingScene;
beforeAll(async () => {
  scene = await startHangingScene();
}, 60_000);
afterAll(() => scene.close(), 60_000);

test('beside two thousand actors of one user that are woken and hang, a webhook of another is handled within moments', async () => {
  const healthy = await Promise.all(drainKinds.map((kind) => scene.connectHealthy(kind)));
  const hanging: string[] = [];
  for (const kind of drainKinds) {
    hanging.push(...(await scene.insertHanging(kind, count / drainKinds.length)));
  }
  const woken = scene.wake(hanging);
  const sentAt = new Map<string, number>();
  const startedAt = Date.now();
  while (Date.now() - startedAt < forMs) {
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
  await scene.endHanging(hanging);
  await woken;
  const sorted = took.toSorted((a, b) => a - b);
  console.info(
    `${sorted.length} webhooks beside ${count} actors: median ${quantile(sorted, 0.5)} ms, ` +
      `p95 ${quantile(sorted, 0.95)} ms, most ${sorted.at(-1)} ms; ${scene.hanging.most()} requests hung at once`,
  );
  expect(scene.hanging.most()).toBeGreaterThan(150);
  // The soak lane runs other tests beside this one: alone on two cores the slowest takes 2.5 s.
  expect(quantile(sorted, 0.5)).toBeLessThan(3_000);
}, 240_000);
