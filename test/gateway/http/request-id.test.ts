import type { IncomingMessage } from 'node:http';
import { newRequestId, requestIdOf } from '../../../src/gateway/http/request-id';
import { apiKey } from '../gateway-fixture';
import { type AbusedGateway, abusedGateway } from './abused-gateway';
import { rawSender } from './raw-sender';

const header = 'holdfast-request-id';
const own = 'the-callers_own-1';
const form = /^[A-Za-z0-9_-]{8,64}$/;

let gateway: AbusedGateway;
beforeAll(async () => {
  gateway = await abusedGateway();
});
afterAll(() => gateway.close());

const bearer = { authorization: `Bearer ${apiKey}` };

interface Line {
  requestId?: string;
  status?: number;
}

interface Sent {
  method?: string;
  body?: string;
  headers?: Record<string, string>;
}

const ask = (path: string, { headers = {}, ...init }: Sent = {}) =>
  fetch(`${gateway.url}${path}`, {
    redirect: 'manual',
    ...init,
    headers: { ...bearer, ...headers },
  });

test.each<[string, string, Sent]>([
  ['an answer of the API', '/v1/integrations', {}],
  ['a refused webhook', '/webhooks/nobody', { method: 'POST', body: '{}' }],
  ['health', '/healthz', {}],
  ['an asset', '/holdfast-page.js', {}],
  ['a page', '/connections', { headers: { accept: 'text/html' } }],
  ['an unknown page', '/nowhere', { headers: { accept: 'text/html' } }],
  ['an unknown address', '/v1/nowhere', {}],
  ['an address that is none', '/v1/integrations/%ff', {}],
  ['a preflight', '/api/users/ada/connectors', { method: 'OPTIONS' }],
  [
    'bad JSON',
    '/v1/integrations',
    { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } },
  ],
  ['no key', '/v1/integrations', { headers: { authorization: 'Bearer wrong' } }],
])("%s has the request's id: the caller's own, or a fresh one", async (_what, path, init) => {
  const [named, other, bad] = await Promise.all([
    ask(path, { ...init, headers: { ...init.headers, [header]: own } }),
    ask(path, init),
    ask(path, { ...init, headers: { ...init.headers, [header]: 'not ours' } }),
  ]);
  expect(named.headers.get(header)).toBe(own);
  const ids = [other, bad].map((answer) => answer.headers.get(header));
  for (const id of ids) expect(id).toMatch(form);
  expect(new Set(ids).size).toBe(2);
  if (named.status < 400 || named.headers.get('content-type')?.includes('json') !== true) return;
  expect(await named.json()).toMatchObject({ error: { requestId: own } });
  expect(await other.json()).toMatchObject({ error: { requestId: ids[0] } });
});

test.each(['7-chars', 'x'.repeat(65), 'with.a.point', 'löng-enough'])(
  'a caller may not call its request %s',
  (given) => {
    const request = { headers: { [header]: given } } as unknown as IncomingMessage;
    expect(requestIdOf(request)).not.toBe(given);
    expect(requestIdOf(request)).toMatch(form);
  },
);

test.each(['8-chars_', 'x'.repeat(64)])('and may call it %s', (given) => {
  expect(requestIdOf({ headers: { [header]: given } } as unknown as IncomingMessage)).toBe(given);
});

test.each([
  ['no Host header', 'GET /v1/x HTTP/1.1\r\nconnection: close\r\n\r\n', /^HTTP\/1.1 400 /],
  [
    'an expectation that nobody knows',
    'GET /healthz HTTP/1.1\r\nhost: x\r\nexpect: the-best\r\nconnection: close\r\n\r\n',
    /^HTTP\/1.1 200 /,
  ],
])(
  'also the answer to %s, which Node itself would give without a word',
  async (_what, bytes, status) => {
    const { socket, answer, closed } = await rawSender(Number(new URL(gateway.url).port));
    socket.write(bytes);
    await closed;
    expect(answer()).toMatch(status);
    expect(answer().toLowerCase()).toContain(`${header}: `);
    expect(answer()).toContain('{');
  },
);

test('the line about a request that failed has it', async () => {
  await ask('/v1/integrations/int_nobody', { headers: { [header]: 'for-the-log' } });
  const lines = gateway.logged.map((line) => JSON.parse(line) as Line);
  expect(lines.filter(({ requestId }) => requestId === 'for-the-log')).toMatchObject([
    { status: 404 },
  ]);
});

test('an answer that is given again under its Idempotency-Key is called as its own request', async () => {
  const post = (id: string) =>
    gateway.call('POST', '/v1/integrations', {}, { 'idempotency-key': 'again', [header]: id });
  expect(await post('first-request')).toMatchObject({
    status: 400,
    body: { error: { requestId: 'first-request' } },
  });
  expect(await post('second-request')).toMatchObject({
    status: 400,
    body: { error: { code: 'invalid_request', requestId: 'second-request' } },
  });
});

test('fresh ones are of the form that a caller may use, and all differ', () => {
  const ids = Array.from({ length: 1000 }, newRequestId);
  for (const id of ids) expect(id).toMatch(form);
  expect(new Set(ids).size).toBe(1000);
});
