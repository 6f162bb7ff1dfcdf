import { createLog } from '../../../src/lib/log';
import { delivery } from '../deliveries';
import { PermanentError } from '../../../src/lib/errors';
import type { HandlerRun } from '../../../src/handlers/custom/run-handler';
import type { TokenAnswer } from '../../../src/credentials/token-source';
import { closeServers, httpServer } from '../loopback';
import { api, dead, main, run, source } from './running';

afterEach(closeServers);

test('a handler gets the delivery and its context', async () => {
  const { origin } = await httpServer((response, { headers }) =>
    response.end(headers.authorization),
  );
  let seen: unknown[] = [];
  const result = await run(
    async (received, ctx) => {
      const answer = await ctx.fetch(origin);
      seen = [
        received.id,
        received.json(),
        received.attempt,
        ctx.credential(),
        await answer.text(),
      ];
    },
    {
      origins: () => [origin],
      tokens: source({ kind: 'alive', accessToken: 'abc', version: 1 }),
    },
  );
  expect(result).toEqual({ kind: 'handled', status: null, answer: null });
  expect(seen).toEqual(['dlv_1', { id: 7 }, 1, main, 'Bearer abc']);
});

test.each([
  ['an error', new Error('Acme answered 500'), 'retry', 'Acme answered 500'],
  ['a text', 'no\0t now', 'retry', 'no\uFFFDt now'],
  ['a permanent error', new PermanentError('contact is gone'), 'failed', 'contact is gone'],
  [
    'nothing that is text',
    Object.create(null),
    'retry',
    'The handler threw something that is no error',
  ],
  ['a novel', new Error('x'.repeat(5000)), 'retry', 'x'.repeat(1000)],
])('S24 a handler that throws %s', async (_, thrown: unknown, kind, error) => {
  const throwIt = () => {
    throw thrown;
  };
  for (const handler of [() => Promise.resolve().then(throwIt), throwIt]) {
    const result = await run(handler);
    expect(result).toMatchObject({ kind, status: null, thrown: true });
    const [first, ...frames] = 'error' in result ? result.error.split('\n    at ') : [];
    expect(first).toBe(error);
    if (thrown instanceof Error) expect(frames.join()).toContain('run-handler.test.ts');
  }
});

test('a permanent error from another copy of the package counts too', async () => {
  class PermanentError extends Error {
    override readonly name = 'PermanentError';
  }
  expect(await run(() => Promise.reject(new PermanentError('gone')))).toMatchObject({
    kind: 'failed',
  });
});

test('S27 a dead credential stops it, also where the handler swallows or renames the error', async () => {
  const result = {
    kind: 'credential_dead',
    error: 'The credential "main" is dead: invalid_grant',
    credential: 'main',
    version: 1,
    code: 'invalid_grant',
  };
  const plain: HandlerRun['handler'] = async (_, ctx) => {
    await ctx.fetch(api);
  };
  expect(await run(plain)).toEqual(result);
  const swallowed: HandlerRun['handler'] = async (_, ctx) => {
    await ctx.fetch(api).catch(() => undefined);
  };
  expect(await run(swallowed)).toEqual(result);
  const renamed = async (_: unknown, ctx: Parameters<HandlerRun['handler']>[1]) => {
    await ctx.fetch(api).catch(() => {
      throw new PermanentError('never mind');
    });
  };
  expect(await run(renamed)).toEqual(result);
});

test('the first error about a token counts', async () => {
  const answers: TokenAnswer[] = [
    { kind: 'unavailable', version: 1, code: 'timeout', retryAt: '2026-11-21T09:00:00.000Z' },
    dead,
  ];
  const tokens = {
    ...source(dead),
    token: () => Promise.resolve(answers.shift() ?? dead),
  };
  const twice: HandlerRun['handler'] = async (_, ctx) => {
    await ctx.fetch(api).catch(() => undefined);
    await ctx.fetch(api);
  };
  expect(await run(twice, { tokens })).toEqual({
    kind: 'refresh_unavailable',
    error: 'The credential "main" can not be refreshed now: timeout',
    ...{ credential: 'main', version: 1, retryAt: '2026-11-21T09:00:00.000Z' },
  });
});

test('S35 a token that is refused even when fresh', async () => {
  const { origin } = await httpServer((response) => response.writeHead(401).end());
  const tokens = source(
    { kind: 'alive', accessToken: 'a', version: 1 },
    { kind: 'alive', accessToken: 'b', version: 2 },
  );
  const handler: HandlerRun['handler'] = async (_, ctx) => {
    await ctx.fetch(origin);
  };
  expect(await run(handler, { tokens, origins: () => [origin] })).toMatchObject({
    kind: 'refresh_unavailable',
    error: 'The credential "main" is refused by the provider: access_refused',
    ...{ credential: 'main', version: 2, retryAt: null },
  });
});

test('a credential that the integration does not have is an error of the handler', async () => {
  const handler: HandlerRun['handler'] = async (_, ctx) => {
    await ctx.fetch(api, { credential: 'other' });
  };
  expect(await run(handler)).toMatchObject({
    kind: 'retry',
    error: expect.stringMatching(/^The integration has no credential "other"\n {4}at /) as unknown,
  });
});

test("S40 a handler's error is in the attempt with its frames; the log has the frames alone, at warn", async () => {
  const lines: string[] = [];
  const log = createLog('debug', { write: (line) => lines.push(line) });
  const result = await run(
    () => {
      throw new TypeError('ada@example.com\n    at ada (is missing)');
    },
    { log: log.child({ deliveryId: 'dlv_1' }) },
  );
  expect(result).toMatchObject({ kind: 'retry', thrown: true });
  const text = 'error' in result ? result.error : '';
  expect(text).toMatch(
    /^ada@example\.com\n {4}at ada \(is missing\)\n {4}at .*run-handler\.test\.ts/,
  );
  expect(text.length).toBeLessThanOrEqual(4_096);
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { level: 'warn', event: 'handler.threw', deliveryId: 'dlv_1' },
  ]);
  expect(lines.join()).toContain('run-handler.test.ts');
  expect(lines.join()).not.toContain('ada');
});

test('json() of what is no JSON ends a delivery at once', async () => {
  for (const body of ['{', '']) {
    const broken = delivery({ body: Buffer.from(body) });
    expect(
      await run((received) => Promise.resolve(received.json()).then(), { delivery: broken }),
    ).toMatchObject({
      kind: 'failed',
    });
  }
});

test("a delivery has its integration's name, metadata and parameters", async () => {
  let seen: unknown;
  await run(({ name, metadata, parameters }) => {
    seen = { name, metadata, parameters };
    return Promise.resolve();
  });
  expect(seen).toEqual({
    ...{ name: 'contacts', metadata: { plan: 'pro' } },
    parameters: { shop: 'a.example' },
  });
});
