import { eventually } from '../../support/eventually';
import { answerJson, type TokenBehaviour } from '../../support/doubles/oauth-server';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import { rowOf, token, waitOut } from '../tokens/credential-rows';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.close());
afterEach(() => scene.provider.behave(undefined));

interface Shown {
  status: string;
  health: string;
  transition: number;
  reason: unknown;
  credentials: {
    code: string | null;
    degradedSince: string | null;
    lastSuccessAt: string | null;
    lastFailureAt: string | null;
  }[];
}

async function show({ id }: IntegrationBody) {
  const { body } = await scene.system.api<Shown>('GET', `/v1/integrations/${id}`);
  const [credential] = body.credentials;
  if (credential === undefined) throw new Error('it has no credential');
  return { ...body, credential };
}

const failures: TokenBehaviour[] = [
  (answer) => answerJson(answer, 503, { error: 'temporarily_unavailable' }),
  (answer) => answer.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>'),
  (answer) => answer.destroy(),
  (answer) => answerJson(answer, 429, { error: 'slow_down' }),
  (answer) => answer.writeHead(504).end(),
  (answer) => answer.writeHead(200, { 'content-length': '99' }).write('{', () => answer.destroy()),
  (answer) => answerJson(answer, 403, { error: 'quota_exceeded' }),
  (answer) => answerJson(answer, 401, { error: 'invalid_client' }),
];

test('S30 fifty failures of every kind in a row are no ERROR: degraded since the first, healthy after one success', async () => {
  const integration = await scene.connect();
  expect(await token(scene, integration)).toMatchObject({ status: 200 });
  const { id } = await rowOf(scene, integration);
  await scene.system.pool.query(
    `UPDATE credentials SET expires_at = now() - interval '1 second', refresh_at = expires_at,
            last_success_at = '2026-01-02T03:04:05Z' WHERE id = $1`,
    [id],
  );
  const calls = scene.provider.tokenCalls();
  let kind = 0;
  scene.provider.behave((...asked) => failures[kind % failures.length]?.(...asked));
  expect(await token(scene, integration)).toMatchObject({ status: 503 });
  const { credential: first } = await show(integration);
  for (kind = 1; scene.provider.tokenCalls() < calls + 50; kind++) {
    await waitOut(scene, integration);
    expect(await token(scene, integration)).toMatchObject({ status: 503 });
  }
  expect((await rowOf(scene, integration)).failures).toBeGreaterThanOrEqual(50);
  const { credential, ...after } = await show(integration);
  expect(after).toMatchObject({
    ...{ status: 'ENABLED', health: 'degraded', transition: 0, reason: null },
  });
  expect(credential.degradedSince).toBe(first.degradedSince);
  expect(credential.lastSuccessAt).toBe('2026-01-02T03:04:05.000Z');
  const lastFailureAt = Date.parse(credential.lastFailureAt ?? '');
  expect(lastFailureAt).toBeGreaterThan(Date.parse(first.lastFailureAt ?? ''));
  expect(Date.parse(credential.degradedSince ?? '')).toBeLessThan(lastFailureAt);

  scene.provider.behave(undefined);
  await waitOut(scene, integration);
  await eventually(
    async () =>
      expect(await show(integration)).toMatchObject({
        ...{ status: 'ENABLED', health: 'healthy', transition: 0 },
        credential: {
          code: null,
          degradedSince: null,
          lastFailureAt: expect.any(String) as string,
        },
      }),
    { timeoutMs: 20_000 },
  );
  const { credential: recovered } = await show(integration);
  expect(Date.parse(recovered.lastSuccessAt ?? '')).toBeGreaterThanOrEqual(lastFailureAt);
  expect(scene.provider.reuses()).toBe(0);
}, 120_000);

test.each<[string, () => string]>([
  ['seconds', () => '3600'],
  ['a date', () => new Date(Date.now() + 3_600_000).toUTCString()],
])(
  'S30 Retry-After as %s is waited out by the row, by the actor and by whoever asks',
  async (_form, retryAfter) => {
    const integration = await scene.connect({ expiresInMs: -1_000 });
    scene.provider.behave((answer) =>
      answer.writeHead(429, { 'retry-after': retryAfter() }).end('{}'),
    );
    expect(await token(scene, integration)).toMatchObject({ status: 503 });
    const { retryInMs } = await rowOf(scene, integration);
    expect(retryInMs).toBeGreaterThan(3_500_000);
    expect(retryInMs).toBeLessThanOrEqual(3_600_000);

    const calls = scene.provider.tokenCalls();
    scene.provider.behave(undefined);
    const answer = await fetch(`${scene.system.url}/v1/integrations/${integration.id}/token`, {
      headers: { authorization: `Bearer ${scene.system.config.apiKeys[0] ?? ''}` },
    });
    expect(answer.status).toBe(503);
    const seconds = Number(answer.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(3_500);
    expect(seconds).toBeLessThanOrEqual(3_600);
    expect(scene.provider.tokenCalls()).toBe(calls);

    await waitOut(scene, integration);
    await eventually(
      async () => expect(await rowOf(scene, integration)).toMatchObject({ version: 2 }),
      { timeoutMs: 20_000 },
    );
  },
  60_000,
);

test('S30 a short Retry-After does not shorten the back-off', async () => {
  const integration = await scene.connect({ expiresInMs: -1_000 });
  scene.provider.behave((answer) => answer.writeHead(503, { 'retry-after': '1' }).end());
  expect(await token(scene, integration)).toMatchObject({ status: 503 });
  const { rows } = await scene.system.pool.query<{ waitMs: number }>(
    `SELECT extract(epoch FROM retry_at - last_failure_at)::float8 * 1000 AS "waitMs"
     FROM credentials WHERE id = $1`,
    [integration.credentials[0]?.id],
  );
  expect(rows[0]?.waitMs).toBeGreaterThanOrEqual(4_000);
  expect(rows[0]?.waitMs).toBeLessThanOrEqual(5_000);
});

test('S30 a wait for old tokens is none for a caller who holds newer ones, though the actor was never told', async () => {
  const integration = await scene.connect({ expiresInMs: -1_000 });
  scene.provider.behave((answer) => answer.writeHead(503, { 'retry-after': '3600' }).end());
  expect(await token(scene, integration)).toMatchObject({ status: 503 });
  scene.provider.behave(undefined);
  await scene.system.pool.query(
    `UPDATE credentials SET version = 2, state = 'alive', code = NULL, failures = 0,
            retry_at = NULL WHERE id = $1`,
    [integration.credentials[0]?.id],
  );
  const path = `/v1/integrations/${integration.id}/token/reject`;
  expect(await scene.system.api('POST', path, { version: 2 })).toMatchObject({
    ...{ status: 200, body: { version: 3 } },
  });
});
