import type { ServerResponse } from 'node:http';
import type { Received } from '../../support/doubles/destination';
import { eventually } from '../../support/eventually';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import { attemptsOf, pass, reject, untilRefused } from './token-rejections';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.close());
afterEach(() => scene.destination.answer(taken));

const minute = 60_000;
const slow = { timeoutMs: 30_000 };
const taken = (_request: Received, answer: ServerResponse) => void answer.writeHead(204).end();
const refuse = (_request: Received, answer: ServerResponse) => void answer.writeHead(424).end();
const inboxOf = async ({ id }: IntegrationBody) => (await scene.show(id)).inbox;
const versions = (integration: IntegrationBody) =>
  attemptsOf(scene, integration).map(({ headers }) => headers['holdfast-credential-version']);

test('S35 an unexpired token is refused: one forced refresh, sent again at once', async () => {
  const integration = await scene.connect();
  const calls = scene.provider.tokenCalls();
  scene.destination.answer((request, answer) => {
    const old = request.headers['holdfast-credential-version'] === '1';
    answer.writeHead(old ? 424 : 204).end();
  });
  await scene.webhook(integration);
  await eventually(async () => expect(await inboxOf(integration)).toMatchObject({ handled: 1 }));
  expect(versions(integration)).toEqual(['1', '2']);
  expect(scene.provider.tokenCalls()).toBe(calls + 1);
  expect(await scene.show(integration.id)).toMatchObject({ health: 'healthy', transition: 0 });
});

test('S35 the fresh token is refused too: the delivery waits, degraded shows, no rotation is burnt, and after an hour it is ERROR', async () => {
  const integration = await scene.connect();
  const calls = scene.provider.tokenCalls();
  scene.destination.answer(refuse);
  await scene.webhook(integration);
  await untilRefused(scene, integration, 1);
  expect(await scene.show(integration.id)).toMatchObject({
    ...{ status: 'ENABLED', health: 'degraded', inbox: { pending: 1, failed: 0 } },
    credentials: [{ version: 2, state: 'degraded', code: 'access_refused' }],
  });
  for (const refusals of [2, 3, 4]) {
    await pass(scene, integration, 19 * minute);
    await untilRefused(scene, integration, refusals);
  }
  expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', transition: 0 });
  await pass(scene, integration, 4 * minute);
  expect(await scene.until(integration.id, 'ERROR')).toMatchObject({
    ...{ transition: 1, reason: { code: 'access_refused', credential: 'main' } },
    inbox: { pending: 1, failed: 0 },
  });
  expect(scene.provider.tokenCalls()).toBe(calls + 1);
  expect(scene.provider.reuses()).toBe(0);
  // A person gave the scope back.
  scene.destination.answer(taken);
  await scene.system.api(
    'PUT',
    `/v1/integrations/${integration.id}/credentials/main`,
    scene.provider.grant(),
  );
  await scene.until(integration.id, 'ENABLED');
  await eventually(async () => expect(await inboxOf(integration)).toMatchObject({ handled: 1 }));
}, 120_000);

test('S35 what is taken again within the hour is healthy, and a later refusal begins anew', async () => {
  const integration = await scene.connect();
  scene.destination.answer(refuse);
  await scene.webhook(integration);
  await untilRefused(scene, integration, 1);
  scene.destination.answer(taken);
  await pass(scene, integration, 50 * minute);
  await eventually(
    async () =>
      expect(await scene.show(integration.id)).toMatchObject({
        ...{ health: 'healthy', inbox: { handled: 1 } },
        credentials: [{ version: 2, state: 'alive', code: null }],
      }),
    slow,
  );
  scene.destination.answer(refuse);
  await scene.webhook(integration);
  await untilRefused(scene, integration, 1);
  await pass(scene, integration, 20 * minute);
  await untilRefused(scene, integration, 2);
  expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', transition: 0 });
}, 60_000);

test('S35 a streak of refusals goes on over the refresh ahead of expiry', async () => {
  const integration = await scene.connect();
  scene.destination.answer(refuse);
  await scene.webhook(integration);
  await untilRefused(scene, integration, 1);
  const id = integration.credentials[0]?.id ?? '';
  await scene.system.pool.query('UPDATE credentials SET refresh_at = now() WHERE id = $1', [id]);
  await pass(scene, integration, 1);
  await eventually(async () =>
    expect((await scene.show(integration.id)).credentials).toMatchObject([{ version: 3 }]),
  );
  // New tokens make the delivery due; they are refused as well.
  await pass(scene, integration, 1);
  await untilRefused(scene, integration, 2);
  expect(await scene.show(integration.id)).toMatchObject({
    ...{ status: 'ENABLED', health: 'degraded' },
    credentials: [{ version: 3, code: 'access_refused' }],
  });
}, 60_000);

test('S35 the application says which version was refused: a new one, then 503, then 424 after an hour', async () => {
  const integration = await scene.connect();
  const calls = scene.provider.tokenCalls();
  expect(await reject(scene, integration, 1)).toMatchObject({ status: 200, body: { version: 2 } });
  expect(await reject(scene, integration, 1)).toMatchObject({ status: 200, body: { version: 2 } });
  expect(await reject(scene, integration, 2)).toMatchObject({
    ...{ status: 503, body: { error: { code: 'refresh_unavailable' } } },
  });
  for (let round = 0; round < 3; round++) {
    await pass(scene, integration, 19 * minute);
    expect(await reject(scene, integration, 2)).toMatchObject({ status: 503 });
  }
  await pass(scene, integration, 4 * minute);
  expect(await reject(scene, integration, 2)).toMatchObject({ status: 424 });
  await scene.until(integration.id, 'ERROR');
  expect(scene.provider.tokenCalls()).toBe(calls + 1);
}, 60_000);

test('S35 refusals far apart burn ten rotations an hour at most', async () => {
  const integration = await scene.connect();
  const calls = scene.provider.tokenCalls();
  for (let version = 1; version <= 10; version++) {
    const answer = await reject(scene, integration, version);
    expect(answer).toMatchObject({ status: 200, body: { version: version + 1 } });
    await pass(scene, integration, 2 * minute);
  }
  expect(await reject(scene, integration, 11)).toMatchObject({ status: 503 });
  expect(scene.provider.tokenCalls()).toBe(calls + 10);
  await pass(scene, integration, 46 * minute);
  expect(await reject(scene, integration, 11)).toMatchObject({ status: 200 });
}, 60_000);
