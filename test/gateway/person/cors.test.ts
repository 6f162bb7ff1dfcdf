import { apiKey, type GatewayFixture, gatewayFixture } from '../gateway-fixture';

const allowed = 'https://app.example';
const path = '/api/connectors/ada/status';
let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture({ temporal: 'away', config: { allowedOrigins: [allowed] } });
});
afterAll(() => gateway.close());

const ask = async (method: 'GET' | 'OPTIONS', headers: Record<string, string>, url = path) => {
  const answer = await gateway.app.inject({ method, url, headers });
  const told = Object.entries(answer.headers).filter(([name]) => name.startsWith('access-control'));
  return { status: answer.statusCode, vary: answer.headers.vary, told: Object.fromEntries(told) };
};
const bearer = { authorization: `Bearer ${apiKey}` };
const preflight = {
  'access-control-request-method': 'PUT',
  'access-control-request-headers': 'authorization,content-type',
};

test('the page of an allowed origin may read answers, those of refusals too, and never by a cookie', async () => {
  for (const [headers, status] of [
    [bearer, 200],
    [{}, 401],
  ] as const) {
    expect(await ask('GET', { ...headers, origin: allowed })).toEqual({
      status,
      vary: 'Origin',
      told: {
        'access-control-allow-origin': allowed,
        'access-control-expose-headers': 'Retry-After, Holdfast-Request-Id, Holdfast-Scope',
      },
    });
  }
});

test('its preflight is answered before anybody asks who it is', async () => {
  expect(await ask('OPTIONS', { ...preflight, origin: allowed })).toEqual({
    status: 204,
    vary: 'Origin',
    told: {
      'access-control-allow-origin': allowed,
      'access-control-expose-headers': 'Retry-After, Holdfast-Request-Id, Holdfast-Scope',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE',
      'access-control-allow-headers':
        'Authorization, Content-Type, Last-Event-ID, Holdfast-Request-Id',
      'access-control-max-age': '600',
    },
  });
});

test.each([
  ['another site', 'https://evil.example'],
  ['another scheme', 'http://app.example'],
  ['another port', 'https://app.example:8443'],
  ['a part of the name', 'https://app.example.evil.example'],
  ['a sandbox', 'null'],
  ['no page', undefined],
])('%s is told nothing', async (_who, origin) => {
  const headers = origin === undefined ? {} : { origin };
  expect(await ask('GET', { ...bearer, ...headers })).toMatchObject({
    ...{ status: 200, vary: 'Origin', told: {} },
  });
  expect(await ask('OPTIONS', { ...preflight, ...headers })).toEqual({
    ...{ status: 204, vary: 'Origin', told: {} },
  });
});

test.each(['/v1/integrations', '/', '/healthz'])('%s is for no other page at all', async (url) => {
  expect((await ask('GET', { ...bearer, origin: allowed }, url)).told).toEqual({});
});
