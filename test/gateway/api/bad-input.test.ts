import { apiKey, bodyLimitBytes, type GatewayFixture, gatewayFixture } from '../gateway-fixture';
import { ask, expectRefusal, json, type Route as Address } from './bad-requests';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture();
});
afterAll(() => gateway.close());

type Code = Parameters<typeof expectRefusal>[1];

interface Route extends Address {
  /** The code where the id names nothing; absent where there is no id. */
  missing?: Code;
  takesBody?: boolean;
}

const integration = { missing: 'integration_not_found' } as const;

const routes: Route[] = [
  { method: 'POST', url: '/v1/integrations', takesBody: true },
  { method: 'GET', url: '/v1/integrations' },
  { method: 'GET', url: '/v1/integrations/:id', ...integration },
  { method: 'PATCH', url: '/v1/integrations/:id', ...integration, takesBody: true },
  { method: 'DELETE', url: '/v1/integrations/:id', ...integration },
  { method: 'POST', url: '/v1/integrations/:id/enable', ...integration, takesBody: true },
  { method: 'POST', url: '/v1/integrations/:id/disable', ...integration, takesBody: true },
  { method: 'GET', url: '/v1/integrations/:id/webhook-secrets', ...integration },
  { method: 'POST', url: '/v1/integrations/:id/webhook-secrets', ...integration, takesBody: true },
  { method: 'DELETE', url: '/v1/integrations/:id/webhook-secrets/sec_1', ...integration },
  { method: 'GET', url: '/v1/integrations/:id/destination-secrets', ...integration },
  {
    ...{ method: 'POST', url: '/v1/integrations/:id/destination-secrets' },
    ...{ ...integration, takesBody: true },
  },
  { method: 'DELETE', url: '/v1/integrations/:id/destination-secrets/sec_1', ...integration },
  { method: 'GET', url: '/v1/integrations/:id/deliveries', ...integration },
  { method: 'GET', url: '/v1/integrations/:id/transitions', ...integration },
  { method: 'GET', url: '/v1/integrations/:id/rejections', ...integration },
  { method: 'GET', url: '/v1/deliveries/:id', missing: 'delivery_not_found' },
  {
    ...{ method: 'PUT', url: '/v1/integrations/:id/credentials/main' },
    ...{ ...integration, takesBody: true },
  },
  { method: 'GET', url: '/v1/integrations/:id/token', ...integration },
  { method: 'POST', url: '/v1/integrations/:id/token/reject', ...integration, takesBody: true },
  { method: 'POST', url: '/v1/sessions', takesBody: true },
  { method: 'POST', url: '/v1/confirmations', takesBody: true },
];

/** Bodies that their route takes, so that only the id is wrong. */
const goodBodies: Record<string, object> = {
  '/v1/integrations/:id/credentials/main': { accessToken: 'x' },
  '/v1/integrations/:id/token/reject': { version: 1 },
};

const title = ({ method, url }: Route) => `${method} ${url}`;
const withId = routes.filter(({ missing }) => missing !== undefined);
const withBody = routes.filter(({ takesBody }) => takesBody === true);

describe.each(routes.map((route) => [title(route), route] as const))('%s', (_title, route) => {
  test.each([
    ['no API key', ''],
    ['a wrong API key', `Bearer ${apiKey.slice(0, -1)}x`],
    ['a beginning of the API key', `Bearer ${apiKey.slice(0, -1)}`],
    ['another scheme', `Basic ${Buffer.from(apiKey).toString('base64')}`],
    ['an empty one', 'Bearer '],
  ])('%s: 401', async (_what, authorization) => {
    const answer = await ask(gateway, route, { headers: { authorization } });
    expectRefusal(answer, 'unauthorized');
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });
});

describe.each(withId.map((route) => [title(route), route] as const))('%s', (_title, route) => {
  const good = goodBodies[route.url] ?? (route.takesBody === true ? {} : undefined);
  test.each([
    ['unknown', `int_${'0'.repeat(32)}`.replace('int', route.url.includes('/del') ? 'dlv' : 'int')],
    ['NUL', 'int_%00'],
    ['a NUL at the end', `int_${'0'.repeat(31)}%00`],
    ['another kind of id', 'crd_0123'],
    ['a path', '..%2F..%2Fetc%2Fpasswd'],
    ['SQL', "int_'%20OR%201=1--"],
    ['long', `int_${'0'.repeat(90)}`],
    ['unicode', 'int_%F0%9F%90%99'],
  ])('an id that is %s: 404', async (_what, junk) => {
    const answer = await ask(gateway, route, {
      id: junk,
      ...(good === undefined ? {} : { payload: JSON.stringify(good), headers: json }),
    });
    expectRefusal(answer, route.missing ?? 'internal');
  });

  test('an id that is not UTF-8: 400', async () => {
    expectRefusal(await ask(gateway, route, { id: 'int_%ED%A0%80' }), 'invalid_request');
  });

  test('an id that is longer than any is refused like another that is not there', async () => {
    const codes = ['integration_not_found', 'delivery_not_found', 'invalid_request'] as const;
    const answer = await ask(gateway, route, { id: `int_${'0'.repeat(2_000)}` });
    const code = codes.find((one) => one === answer.error?.code);
    expect(code).toBeDefined();
    if (code !== undefined) expectRefusal(answer, code);
  });
});

describe.each(withBody.map((route) => [title(route), route] as const))('%s', (_title, route) => {
  test.each([
    ['malformed', '{"userId": "secret-of-the-caller'],
    ['not JSON at all', 'userId=ada'],
    ['with a NUL', '{"a": "\u0000"}'],
    ['poisoned', '{"__proto__": {"admin": true}}'],
    ['bottomless', `{"metadata": ${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
  ])(
    'a body that is %s: 400 invalid_json, and no word of it in the answer',
    async (_what, payload) => {
      const answer = await ask(gateway, route, { payload, headers: json });
      expectRefusal(answer, 'invalid_json');
      expect(answer.error?.message).not.toContain('secret-of-the-caller');
    },
  );

  test.each([
    ['an array', '[]'],
    ['a number', '7'],
    ['a string', '"x"'],
    ['an object with what nobody knows', '{"accessToken":"x","version":1,"unknown":1}'],
  ])('a body that is %s: 400 invalid_request', async (_what, payload) => {
    expectRefusal(await ask(gateway, route, { payload, headers: json }), 'invalid_request');
  });

  test('a body over the limit: 413', async () => {
    const payload = JSON.stringify({ metadata: { text: 'x'.repeat(bodyLimitBytes) } });
    expectRefusal(await ask(gateway, route, { payload, headers: json }), 'body_too_large');
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'nonsense'])(
    'a body sent as %s: 415',
    async (type) => {
      const answer = await ask(gateway, route, {
        payload: '{}',
        headers: { 'content-type': type },
      });
      expectRefusal(answer, 'unsupported_media_type');
    },
  );
});

test.each<[Route['method'], string]>([
  ['PUT', '/v1/integrations'],
  ['DELETE', '/v1/integrations'],
  ['POST', '/v1/integrations/:id'],
  ['GET', '/v1/integrations/:id/enable'],
  ['POST', '/v1/integrations/:id/deliveries'],
  ['POST', '/healthz'],
  ['GET', '/v1/nothing'],
  ['GET', '/nothing'],
])('an address that nothing answers: %s %s is 404 not_found', async (method, url) => {
  expectRefusal(await ask(gateway, { method, url }), 'not_found');
});

test('each refusal left one line, without what was sent, and nothing was logged as a failure', () => {
  const lines = gateway.logged
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event }) => event !== 'webhook.rejected');
  expect(lines.length).toBeGreaterThan(100);
  for (const line of lines) {
    expect(line).toMatchObject({
      level: 'info',
      event: 'request.refused',
      code: expect.any(String) as unknown,
    });
  }
  expect(gateway.logged.join('')).not.toMatch(/secret-of-the-caller|application-0123|cursor=|%00/);
});
