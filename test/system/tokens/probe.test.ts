import type { ServerResponse } from 'node:http';
import type { Received } from '../../support/doubles/destination';
import { eventually } from '../../support/eventually';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import { attemptsOf, pass, untilRefused } from './token-rejections';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene({
    declare: (url) => ({ probe: { url: `${url}/me`, everySeconds: 1 } }),
  });
}, 60_000);
afterAll(() => scene.close());
afterEach(() => {
  scene.provider.behaveApi(undefined);
  scene.destination.answer((_request, answer) => void answer.writeHead(204).end());
});

const refuse = (_request: Received, answer: ServerResponse) => void answer.writeHead(424).end();
const api =
  (status: number, body = '') =>
  (answer: ServerResponse) =>
    void answer.writeHead(status, { 'content-type': 'application/json' }).end(body);

/** Without a refresh token, and without an end. */
const connectForEver = () => {
  const { accessToken } = scene.provider.grant();
  return scene.connect({ credentials: { main: { accessToken } } });
};
const probes = (integration: IntegrationBody, verdict: string) =>
  scene.system.logLines.filter(
    (line) =>
      line.includes('"event":"credential.probed"') &&
      line.includes(integration.credentials[0]?.id ?? '') &&
      line.includes(`"${verdict}"`),
  ).length;
/** Waits for the row rather than for the log line, which is written before it. */
const untilDoubted = ({ id }: IntegrationBody) =>
  eventually(async () =>
    expect(await scene.show(id)).toMatchObject({
      ...{ status: 'ENABLED', health: 'degraded', credentials: [{ code: 'probe_refused' }] },
    }),
  );

test('S39 the probe notices without traffic that a token which never expires was revoked', async () => {
  const integration = await connectForEver();
  await eventually(() => expect(probes(integration, 'accepted')).toBeGreaterThan(1));
  expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', health: 'healthy' });
  scene.provider.revokeAll();
  // Once is not enough.
  await untilDoubted(integration);
  await pass(scene, integration, 15_000);
  expect(await scene.until(integration.id, 'ERROR')).toMatchObject({
    reason: { code: 'revoked' },
  });
  expect(probes(integration, 'refused')).toBe(2);
  const before = scene.provider.apiCalls();
  await scene.system.temporal.workflow
    .getHandle(`credential:${integration.credentials[0]?.id ?? ''}`)
    .signal('stored', { version: 1 });
  // A dead credential is asked about no more.
  expect(scene.provider.apiCalls()).toBe(before);
});

test('S39 a probe that the provider refuses is settled by a refresh where there is one', async () => {
  const integration = await scene.connect();
  const calls = scene.provider.tokenCalls();
  scene.provider.revokeAll();
  expect(await scene.until(integration.id, 'ERROR')).toMatchObject({
    reason: { code: 'invalid_grant' },
  });
  expect(scene.provider.tokenCalls()).toBe(calls + 1);
});

test('S39 a provider that refuses one probe and takes the next has had a bad moment', async () => {
  const integration = await connectForEver();
  scene.provider.behaveApi(api(401));
  await untilDoubted(integration);
  scene.provider.behaveApi(undefined);
  await pass(scene, integration, 15_000);
  await eventually(async () =>
    expect(await scene.show(integration.id)).toMatchObject({
      ...{ status: 'ENABLED', health: 'healthy', transition: 0 },
    }),
  );
});

test('S30 a probe without a clear answer changes nothing', async () => {
  const integration = await connectForEver();
  await eventually(() => expect(probes(integration, 'accepted')).toBeGreaterThan(0));
  scene.provider.behaveApi(api(503, '{"error":"invalid_grant"}'));
  await eventually(() => expect(probes(integration, 'unknown')).toBe(1));
  expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', health: 'healthy' });
});

test('S35 no refresh token and one stray 401: the provider says that the token lives, so nothing dies', async () => {
  const integration = await connectForEver();
  scene.destination.answer((_request, answer) => {
    const first = attemptsOf(scene, integration).length === 1;
    answer.writeHead(first ? 424 : 204).end();
  });
  await scene.webhook(integration);
  await untilRefused(scene, integration, 1);
  expect(await scene.show(integration.id)).toMatchObject({
    ...{ status: 'ENABLED', health: 'degraded', transition: 0 },
  });
  await pass(scene, integration, 60_000);
  await eventually(async () =>
    expect(await scene.show(integration.id)).toMatchObject({
      ...{ status: 'ENABLED', health: 'healthy', transition: 0, inbox: { handled: 1 } },
    }),
  );
});

test('S35 no refresh token and a 401 that the provider confirms: revoked, and the delivery is kept', async () => {
  const integration = await connectForEver();
  scene.provider.revokeAll();
  scene.destination.answer(refuse);
  await scene.webhook(integration);
  expect(await scene.until(integration.id, 'ERROR')).toMatchObject({
    ...{ reason: { code: 'revoked' }, inbox: { pending: 1, failed: 0 } },
  });
});

test('S35 a provider that can not be asked confirms nothing, however long it lasts', async () => {
  const integration = await connectForEver();
  scene.provider.behaveApi(api(500));
  scene.destination.answer(refuse);
  await scene.webhook(integration);
  await untilRefused(scene, integration, 1);
  for (const refusals of [2, 3, 4, 5, 6]) {
    await pass(scene, integration, 21 * 60_000);
    await untilRefused(scene, integration, refusals);
  }
  expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', transition: 0 });
}, 60_000);
