import { eventually } from '../../support/eventually';
import { type Scene, startScene } from '../../support/scenes/scene';
import { untilQuiet } from '../../support/until-quiet';
import { costOf, credentialActor } from './credential-history';
import { rowOf, token } from './credential-rows';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.close());
afterEach(() => scene.provider.behave(undefined));

test('one refresh that is asked for costs one update and one activity', async () => {
  const integration = await scene.connect();
  await untilQuiet(credentialActor(scene, integration));
  await scene.system.pool.query('UPDATE credentials SET expires_at = now(), refresh_at = now()');
  const before = await costOf(scene, integration);
  expect(await token(scene, integration)).toMatchObject({ status: 200, body: { version: 2 } });
  await untilQuiet(credentialActor(scene, integration));
  const cost = await costOf(scene, integration, before.events);
  expect(cost).toMatchObject({ updates: 1, activities: ['refreshCredential'] });
  expect(cost.timers).toBeLessThanOrEqual(2);
  expect(cost.events).toBeLessThanOrEqual(14);
}, 60_000);

test('one refresh by the clock costs one timer and one activity', async () => {
  const integration = await scene.connect({ expiresInMs: 8_000 });
  await untilQuiet(credentialActor(scene, integration));
  const before = await costOf(scene, integration);
  await eventually(
    async () => expect(await rowOf(scene, integration)).toMatchObject({ version: 2 }),
    { timeoutMs: 30_000 },
  );
  await untilQuiet(credentialActor(scene, integration));
  const cost = await costOf(scene, integration, before.events);
  expect(cost).toMatchObject({ updates: 0, timers: 1, activities: ['refreshCredential'] });
  expect(cost.events).toBeLessThanOrEqual(12);
}, 60_000);
