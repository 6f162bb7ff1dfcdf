import { answerGrant } from '../../support/doubles/answer-grant';
import { answerJson } from '../../support/doubles/oauth-server';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';

interface TokenBody {
  accessToken: string;
  expiresAt: string | null;
  version: number;
  error?: { code: string };
}

let scene: Scene;
const given: string[] = [];
beforeAll(async () => {
  scene = await startScene();
});
afterAll(() => scene.close());
afterEach(() => scene.provider.behave(undefined));

async function ask({ id }: { id: string }, query = '') {
  const answer = await scene.system.api<TokenBody>('GET', `/v1/integrations/${id}/token${query}`);
  if (answer.status === 200) given.push(answer.body.accessToken);
  return answer;
}

function reject({ id }: { id: string }, version: number) {
  return scene.system.api<TokenBody>('POST', `/v1/integrations/${id}/token/reject`, { version });
}

async function withoutRefreshToken(expiresInMs: number): Promise<IntegrationBody> {
  const { accessToken } = scene.provider.grant();
  const expiresAt = new Date(Date.now() + expiresInMs).toISOString();
  return scene.connect({ credentials: { main: { accessToken, expiresAt } } });
}

/** As if the time to refresh it ahead of its end had come, and nobody had noticed yet. */
const comeDue = ({ credentials }: IntegrationBody) =>
  scene.system.pool.query('UPDATE credentials SET refresh_at = now() WHERE id = $1', [
    credentials[0]?.id,
  ]);

test('a token with life left is given out as it is', async () => {
  const integration = await scene.connect();
  const calls = scene.provider.tokenCalls();
  const answer = await ask(integration);
  expect(answer).toMatchObject({ status: 200, body: { version: 1 } });
  expect(await ask(integration, '?credential=main')).toEqual(answer);
  expect(scene.provider.tokenCalls()).toBe(calls);
});

test('S31 a token about to end is refreshed first, once for all who ask', async () => {
  const integration = await scene.connect();
  await comeDue(integration);
  const calls = scene.provider.tokenCalls();
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => ask(integration)));
  expect(new Set(answers.map(({ body }) => body.version))).toEqual(new Set([2]));
  expect(new Set(answers.map(({ body }) => body.accessToken)).size).toBe(1);
  expect(scene.provider.tokenCalls()).toBe(calls + 1);
});

test('S31 a token that ends while its refresh is waited for is not given out: the new one is', async () => {
  const integration = await scene.connect({ expiresInMs: 2_000 });
  await comeDue(integration);
  scene.provider.behave((answer, rotate) => {
    const issued = rotate();
    setTimeout(() => answerGrant(answer, issued, 3_600), 3_000);
  });
  expect(await ask(integration)).toMatchObject({ status: 200, body: { version: 2 } });
});

test('a rejected version is replaced; an outdated one is answered at once with the newest', async () => {
  const integration = await scene.connect();
  const first = await ask(integration);
  const second = await reject(integration, 1);
  expect(second).toMatchObject({ status: 200, body: { version: 2 } });
  expect(second.body.accessToken).not.toBe(first.body.accessToken);
  const calls = scene.provider.tokenCalls();
  expect(await reject(integration, 1)).toEqual(second);
  expect(scene.provider.tokenCalls()).toBe(calls);
  expect(await reject(integration, 9_999)).toMatchObject({
    status: 400,
    body: { error: { code: 'invalid_request' } },
  });
});

test('S29 a grant that the provider revoked is 424, and stays so without another call', async () => {
  const integration = await scene.connect();
  scene.provider.behave((answer) => answerJson(answer, 400, { error: 'invalid_grant' }));
  const dead = { status: 424, body: { error: { code: 'credential_dead' } } };
  expect(await reject(integration, 1)).toMatchObject(dead);
  const calls = scene.provider.tokenCalls();
  expect(await ask(integration)).toMatchObject(dead);
  expect(await reject(integration, 1)).toMatchObject(dead);
  expect(scene.provider.tokenCalls()).toBe(calls);
  await scene.until(integration.id, 'ERROR');
});

test('a token without a refresh token is given out until it ends', async () => {
  const calls = scene.provider.tokenCalls();
  expect(await ask(await withoutRefreshToken(30_000))).toMatchObject({ status: 200 });
  const ended = await withoutRefreshToken(-1_000);
  expect(await ask(ended)).toMatchObject({
    status: 424,
    body: { error: { code: 'credential_dead' } },
  });
  expect(scene.provider.tokenCalls()).toBe(calls);
});

test('what was never connected is 424, what is not there is 404', async () => {
  const { body } = await scene.system.api<IntegrationBody>('POST', '/v1/integrations', {
    ...{ userId: 'user-1', name: 'empty', provider: 'acme' },
    destination: { url: scene.destination.url },
  });
  expect(await ask(body)).toMatchObject({
    status: 424,
    body: { error: { code: 'credential_dead' } },
  });
  expect(await ask(body, '?credential=other')).toMatchObject({
    status: 404,
    body: { error: { code: 'credential_not_found' } },
  });
  expect(await ask({ id: 'int_0' })).toMatchObject({
    status: 404,
    body: { error: { code: 'integration_not_found' } },
  });
});

test('tokens that the application stores bring an integration back from ERROR', async () => {
  const integration = await scene.connect();
  scene.provider.behave((answer) => answerJson(answer, 400, { error: 'invalid_grant' }));
  await reject(integration, 1);
  await scene.until(integration.id, 'ERROR');
  const grant = scene.provider.grant();
  const path = `/v1/integrations/${integration.id}/credentials/main`;
  const stored = await scene.system.api('PUT', path, grant);
  expect(stored).toEqual({ status: 200, body: { version: 2 } });
  await scene.until(integration.id, 'ENABLED');
  expect((await ask(integration)).body).toMatchObject({
    accessToken: grant.accessToken,
    version: 2,
  });
});

// Last: what it leaves behind is tried again, and the tests above count calls.
test('S30 one that still lives is given out where refreshing it fails, one that has ended is not', async () => {
  scene.provider.behave((answer) => answerJson(answer, 503, { error: 'temporarily_unavailable' }));
  const living = await scene.connect();
  await comeDue(living);
  expect(await ask(living)).toMatchObject({ status: 200, body: { version: 1 } });
  expect(await reject(living, 1)).toMatchObject({
    status: 503,
    body: { error: { code: 'refresh_unavailable' } },
  });

  const ended = await scene.connect({ expiresInMs: -1_000 });
  const answer = await fetch(`${scene.system.url}/v1/integrations/${ended.id}/token`, {
    headers: { authorization: `Bearer ${scene.system.config.apiKeys[0] ?? ''}` },
  });
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ error: { code: 'refresh_unavailable' } });
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
});

test('S40 no token that was given out is in a log line', () => {
  const lines = scene.system.logLines.join('');
  expect(given.length).toBeGreaterThan(5);
  expect(given.filter((token) => lines.includes(token))).toEqual([]);
});
