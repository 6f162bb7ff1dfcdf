import { eventually } from '../../support/eventually';
import { answerJson, type TokenBehaviour } from '../../support/doubles/oauth-server';
import { type Scene, startScene } from '../../support/scenes/scene';
import { rowOf, token, waitOut } from './credential-rows';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.close());
afterEach(() => scene.provider.behave(undefined));

const error =
  (status: number, code: string): TokenBehaviour =>
  (answer) =>
    answerJson(answer, status, { error: code });

const ended = () => scene.connect({ expiresInMs: -1_000 });

test.each<[string, TokenBehaviour, string]>([
  ['S29 400 invalid_grant', error(400, 'invalid_grant'), 'invalid_grant'],
  ['S29 400 invalid_scope', error(400, 'invalid_scope'), 'invalid_scope'],
  ['S29 400 interaction_required', error(400, 'interaction_required'), 'interaction_required'],
  ['S29 400 consent_required', error(400, 'consent_required'), 'consent_required'],
  ['S29 400 login_required', error(400, 'login_required'), 'login_required'],
  ['S37 200 with the error of GitHub', error(200, 'bad_refresh_token'), 'invalid_grant'],
  [
    'S37 200 with the error of Slack',
    (answer) => answerJson(answer, 200, { ok: false, error: 'invalid_refresh_token' }),
    'invalid_grant',
  ],
])(
  '%s ends in ERROR with its reason, and the provider is asked no more',
  async (_what, behaviour, code) => {
    const integration = await ended();
    scene.provider.behave(behaviour);
    const calls = scene.provider.tokenCalls();
    expect(await token(scene, integration)).toMatchObject({ status: 424 });
    expect(await scene.until(integration.id, 'ERROR')).toMatchObject({
      ...{ health: 'dead', transition: 1, reason: { code, credential: 'main', by: 'system' } },
    });
    expect(await token(scene, integration)).toMatchObject({ status: 424 });
    expect(scene.provider.tokenCalls()).toBe(calls + 1);
  },
);

test.each<[string, TokenBehaviour, string, boolean]>([
  ['S30 429', error(429, 'slow_down'), 'slow_down', false],
  ['S30 503 JSON', error(503, 'temporarily_unavailable'), 'temporarily_unavailable', false],
  ['S30 502 HTML', (answer) => answer.writeHead(502).end('<h1>Bad</h1>'), 'http_502', false],
  ['S30 403 quota', error(403, 'quota_exceeded'), 'quota_exceeded', false],
  ['S30 a code that nobody knows', error(400, 'strange_weather'), 'strange_weather', false],
  ['S36 504', (answer) => answer.writeHead(504).end(), 'http_504', true],
  ['S36 a hang-up', (answer) => answer.destroy(), 'connection_lost', true],
  ['S36 200 HTML', (answer) => answer.writeHead(200).end('<h1>Hello</h1>'), 'http_200', true],
  ['S29 401 invalid_client', error(401, 'invalid_client'), 'invalid_client', false],
  ['S29 400 invalid_request', error(400, 'invalid_request'), 'invalid_request', false],
])(
  '%s degrades the credential, changes no status, and is over with the next success',
  async (_what, behaviour, code, unanswered) => {
    const integration = await ended();
    scene.provider.behave(behaviour);
    expect(await token(scene, integration)).toMatchObject({
      ...{ status: 503, body: { error: { code: 'refresh_unavailable' } } },
    });
    expect(await scene.show(integration.id)).toMatchObject({
      ...{ status: 'ENABLED', health: 'degraded', transition: 0, reason: null },
      credentials: [{ state: 'degraded', code, version: 1 }],
    });
    expect(await rowOf(scene, integration)).toMatchObject({ unanswered });
    scene.provider.behave(undefined);
    await waitOut(scene, integration);
    expect(await token(scene, integration)).toMatchObject({ status: 200, body: { version: 2 } });
    expect(await scene.show(integration.id)).toMatchObject({
      ...{ status: 'ENABLED', health: 'healthy', transition: 0 },
      credentials: [{ state: 'alive', code: null, version: 2 }],
    });
    expect(await rowOf(scene, integration)).toMatchObject({ failures: 0, unanswered: false });
  },
);

test('S29 invalid_request is about the grant once another one is refreshed meanwhile, and the operator is alerted once', async () => {
  await scene.system.pool.query('DELETE FROM app_faults');
  const alerts = () => scene.system.logLines.filter((line) => line.includes('check its client id'));
  const before = alerts().length;
  const refused = scene.provider.grant();
  const expiresAt = new Date(Date.now() - 1_000).toISOString();
  const bad = await scene.connect({ credentials: { main: { ...refused, expiresAt } } });
  const good = await ended();
  scene.provider.behave((answer, rotate, shown) => {
    if (shown === refused.refreshToken) answerJson(answer, 400, { error: 'invalid_request' });
    else answerJson(answer, 200, { access_token: rotate()?.accessToken, expires_in: 3600 });
  });
  expect(await token(scene, bad)).toMatchObject({ status: 503 });
  expect(await scene.show(bad.id)).toMatchObject({ status: 'ENABLED', health: 'degraded' });
  expect(await token(scene, good)).toMatchObject({ status: 200, body: { version: 2 } });
  expect(await scene.until(bad.id, 'ERROR')).toMatchObject({
    ...{ transition: 1, reason: { code: 'refresh_rejected', credential: 'main' } },
  });
  expect(alerts()).toHaveLength(before + 1);
}, 60_000);

test('S36 an answer that is lost after the rotation costs one more try, which ends as rotation_lost', async () => {
  const integration = await ended();
  scene.provider.behave((answer, rotate) => {
    expect(rotate()).not.toBeNull();
    answer.destroy();
  });
  expect(await token(scene, integration)).toMatchObject({ status: 503 });
  expect(await rowOf(scene, integration)).toMatchObject({ state: 'degraded', unanswered: true });
  const calls = scene.provider.tokenCalls();
  scene.provider.behave(undefined);
  await waitOut(scene, integration);
  expect(await scene.until(integration.id, 'ERROR')).toMatchObject({
    reason: { code: 'rotation_lost' },
  });
  expect(scene.provider.tokenCalls()).toBe(calls + 1);
  await eventually(async () =>
    expect(await token(scene, integration)).toMatchObject({ status: 424 }),
  );
  expect(scene.provider.tokenCalls()).toBe(calls + 1);
}, 60_000);

test('S36 failures that were answered do not clear the mark of one that was not', async () => {
  const integration = await ended();
  scene.provider.behave((answer) => answer.destroy());
  await token(scene, integration);
  for (const behaviour of [error(503, 'busy'), error(429, 'slow_down')]) {
    scene.provider.behave(behaviour);
    await waitOut(scene, integration);
    await token(scene, integration);
    expect(await rowOf(scene, integration)).toMatchObject({ state: 'degraded', unanswered: true });
  }
  scene.provider.behave(error(400, 'invalid_grant'));
  await waitOut(scene, integration);
  expect(await scene.until(integration.id, 'ERROR')).toMatchObject({
    reason: { code: 'rotation_lost' },
  });
}, 60_000);
