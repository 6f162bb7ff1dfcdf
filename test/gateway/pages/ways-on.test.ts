import { request } from 'node:http';
import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';
import { freePort } from '../../support/processes/free-port';

let fixture: GatewayFixture;
let port: number;
beforeAll(async () => {
  port = await freePort();
  fixture = await gatewayFixture({ config: { port, publicUrl: `http://localhost:${port}` } });
  await fixture.app.listen({ host: '127.0.0.1', port });
});
afterAll(() => fixture.close());

interface Seen {
  status: number | undefined;
  location: string | undefined;
  cookie: string | undefined;
  text: string;
}

/** `fetch` would not let us say which host is asked for. */
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Seen> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('end', () => {
        const { location, 'set-cookie': cookies = [] } = answer.headers;
        resolve({ status: answer.statusCode, location, cookie: cookies[0], text });
      });
    });
    sent.on('error', reject).end();
  });

const html = { accept: 'text/html' };
const own = () => ({ host: `localhost:${port}` });
const other = () => ({ host: `127.0.0.1:${port}` });
const linksIn = (text: string) =>
  [...text.matchAll(/<a class="act [^"]*" href="([^"]*)"/g)].map(([, href = '']) => href);

test.each([
  ['nobody is signed in', '/', 401, '/'],
  ['nor at a reconnect', '/reconnect/int_0123', 401, '/reconnect/int_0123'],
  ['a link that is not right', '/s/unknown', 404, '/'],
  ['an address that is none', '/nowhere', 404, '/'],
  ['an address that looks like a host', '//evil.example/x', 404, '/'],
  ['bad input', '/reconnect/%00', 400, '/'],
  ['a provider that is none', '/oauth/nobody/callback?state=x', 404, '/'],
  ['a state that is none', '/oauth/acme/callback?state=x&code=y', 400, '/'],
  ['signed out', '/sign-out', 200, '/'],
])('no page is a dead end: %s', async (_what, path, status, way) => {
  const seen = await ask(path, { ...own(), ...html });
  expect(seen.status).toBe(status);
  expect(linksIn(seen.text)).toContain(way);
  expect(seen.text).not.toContain('You can close this page');
  expect(linksIn(seen.text).join()).not.toContain('//evil');
});

test('what fails for a while has a way to try again, and one to the connections', async () => {
  const away = await gatewayFixture({ postgres: '127.0.0.1:1', config: { port } });
  try {
    const { payload, statusCode } = await away.app.inject({
      url: '/s/some-link?x=1',
      headers: html,
    });
    expect(statusCode).toBe(503);
    expect(linksIn(payload)).toEqual(['/s/some-link?x=1', '/']);
  } finally {
    await away.close();
  }
});

test('without an address to sign in at, the first page of the application is the way', async () => {
  const known = await gatewayFixture({ config: { allowedOrigins: ['https://app.example'] } });
  try {
    const { payload } = await known.app.inject({ url: '/', headers: html });
    expect(linksIn(payload)).toEqual(['https://app.example']);
  } finally {
    await known.close();
  }
});

test('a form that came from another origin is told where its page is', async () => {
  for (const [path, page] of [
    ['/sign-out', '/sign-out'],
    ['/s/some-link', '/s/some-link'],
  ] as const) {
    const headers = { ...other(), origin: `http://127.0.0.1:${port}` };
    const seen = await ask(path, headers, 'POST');
    expect(seen.status).toBe(403);
    expect(linksIn(seen.text)).toEqual([`http://localhost:${port}${page}`]);
  }
});

test('another name of this machine leads to the public address, path and question included', async () => {
  for (const host of [`127.0.0.1:${port}`, `[::1]:${port}`, `app.localhost:${port}`]) {
    const seen = await ask('/reconnect/int_1?a=b', { host });
    expect([seen.status, seen.location]).toEqual([
      302,
      `http://localhost:${port}/reconnect/int_1?a=b`,
    ]);
  }
  expect((await ask('//evil.example/', other())).location).toBeUndefined();
});

test.each<[string, () => { path?: string; method?: string; headers?: Record<string, string> }]>([
  ['the public name itself', () => ({ headers: own() })],
  ['another port, behind a proxy', () => ({ headers: { host: `127.0.0.1:${port + 1}` } })],
  ['a name of another machine', () => ({ headers: { host: `gateway.internal:${port}` } })],
  ['a proxy that says so', () => ({ headers: { ...other(), 'x-forwarded-for': '192.0.2.1' } })],
  ['a script of the page', () => ({ headers: { ...other(), 'sec-fetch-mode': 'cors' } })],
  ['a form', () => ({ method: 'POST', path: '/sign-out' })],
  ['an asset', () => ({ path: '/banner.js' })],
  ['the API', () => ({ path: '/v1/integrations' })],
  ["a person's API", () => ({ path: '/api/connectors/ada/status' })],
  ['a webhook', () => ({ method: 'POST', path: '/webhooks/int_1' })],
  ['health', () => ({ path: '/healthz' })],
])('nobody else is sent on: %s', async (_what, given) => {
  const { path = '/', method = 'GET', headers = other() } = given();
  expect((await ask(path, headers, method)).location).toBeUndefined();
});

test('behind a proxy that rewrites the name nobody goes round and round', async () => {
  const first = await ask('/', other());
  expect(first.status).toBe(302);
  const [cookie = ''] = first.cookie?.split(';') ?? [];
  // The browser sees the public name all the time, so that its cookie comes back.
  const second = await ask('/', { ...other(), cookie });
  expect(second.status).toBe(401);
});
