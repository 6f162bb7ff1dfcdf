import { createHmac } from 'node:crypto';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { beginsRoute, originForm, withoutBase } from '../../../src/gateway/http/own-path';
import { apiKey, type GatewayFixture, gatewayFixture } from '../gateway-fixture';

const origin = 'https://holdfast.example';
const publicUrl = `${origin}/hf`;
const hubspotSecret = 'a-secret-of-hubspot';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture({
    config: { publicUrl, signInUrl: 'https://app.example/sign-in' },
    providers: { hub: { webhook: { scheme: 'hubspot' } } },
  });
});
afterAll(() => gateway.close());

test.each([
  ['/hf/v1/hold?a=/hf/b', '/v1/hold?a=/hf/b'],
  ['/hf', '/'],
  ['/hf/', '/'],
  ['/hf?a=b', '/?a=b'],
  ['/v1/hold', '/v1/hold'],
  ['/hf/hf/x', '/hf/x'],
  ['/hfx/y', '/hfx/y'],
  ['/x/hf/y', '/x/hf/y'],
  ['/HF/y', '/HF/y'],
  ['/h%66/y', '/h%66/y'],
])('%s is taken as %s', (target, path) => {
  expect(withoutBase('/hf', target)).toBe(path);
  expect(withoutBase('', target)).toBe(target);
});

test.each([
  ['http://h/v1/hold?a=b', '/v1/hold?a=b'],
  ['HTTPS://u@h:1/hf//x', '/hf//x'],
  ['http://h', '/'],
  ['http://h?a=http://x/y', '/?a=http://x/y'],
  ['/http://h/x', '/http://h/x'],
  ['//h/x', '//h/x'],
  ['*', '*'],
])('%s is in origin form %s', (target, path) => {
  expect(originForm(target)).toBe(path);
});

test.each([
  ['/api', '/api/users/:id', true],
  ['/api/users/ada', '/api/users/:id/pause', true],
  ['/webhooks/x', '/webhooks/:id', true],
  ['/assets/x/y', '/assets/*', true],
  ['/webhooks/x/y', '/webhooks/:id', false],
  ['/api-v1', '/api/users', false],
  ['/hf/webhooks', '/webhooks/:id', false],
])('%s begins the route %s: %p', (base, route, expected) => {
  expect(beginsRoute(base, route)).toBe(expected);
});

const both = [
  ['a proxy that strips the path', ''],
  ['one that does not', '/hf'],
] as const;

describe.each(both)('behind %s', (_what, base) => {
  const ask = (method: 'GET' | 'POST', path: string, more: object = {}) =>
    gateway.app.inject({ method, url: base + path, ...more });
  const authorization = `Bearer ${apiKey}`;

  test('programs are answered, about what is not there too', async () => {
    expect((await ask('GET', '/healthz')).statusCode).toBe(200);
    const list = await ask('GET', '/v1/integrations', { headers: { authorization } });
    expect(list.statusCode).toBe(200);
    const json = await ask('GET', '/v1/nothing', { headers: { accept: 'text/html' } });
    expect(json.json()).toMatchObject({ error: { code: 'not_found' } });
    expect((await ask('GET', '/banner.js')).body).toBe("import './assets/banner.js';\n");
    expect((await ask('GET', '/assets/banner.js')).statusCode).toBe(200);
    expect((await ask('GET', 'x/healthz')).statusCode).toBe(404);
  });

  test("a sender's own address is what is signed", async () => {
    const { id } = await gateway.create({
      ...{ provider: 'hub', webhookSecret: hubspotSecret, credentials: undefined },
    });
    const body = JSON.stringify([{ subscriptionType: 'contact.creation', eventId: id }]);
    const timestamp = String(Date.now());
    const send = (address: string) =>
      ask('POST', `/webhooks/${id}?portal=7`, {
        payload: body,
        headers: {
          'content-type': 'application/json',
          'x-hubspot-request-timestamp': timestamp,
          'x-hubspot-signature-v3': createHmac('sha256', hubspotSecret)
            .update(`POST${address}${body}${timestamp}`)
            .digest('base64'),
        },
      });
    expect((await send(`${publicUrl}/webhooks/${id}?portal=7`)).statusCode).toBe(202);
    expect((await send(`${origin}/webhooks/${id}?portal=7`)).statusCode).toBe(401);
    expect((await send(`${publicUrl}/hf/webhooks/${id}?portal=7`)).statusCode).toBe(401);
  });

  test('a person stays within it, all the way', async () => {
    const { id } = await gateway.create({ userId: `ada${base}`, credentials: undefined });
    expect((await gateway.call('GET', `/v1/integrations/${id}`)).body).toMatchObject({
      webhookUrl: `${publicUrl}/webhooks/${id}`,
    });
    const made = await gateway.call('POST', '/v1/sessions', {
      ...{ userId: `ada${base}`, integrationId: id },
    });
    const { url } = made.body as unknown as { url: string };
    expect(url).toMatch(/^https:\/\/holdfast\.example\/hf\/s\//);
    const link = url.slice(publicUrl.length);
    const pressed = await ask('POST', link, { headers: { origin } });
    const start = pressed.headers.location ?? '';
    expect(start).toBe(`/hf/oauth/acme/start?integration=${id}`);
    const [cookie] = pressed.cookies;
    expect(cookie).toMatchObject({ path: '/', secure: true });
    expect(cookie?.name).toMatch(/^__Host-holdfast-session-[0-9a-f]{16}$/);
    const cookies = { [cookie?.name ?? '']: cookie?.value ?? '' };

    const started = await ask('GET', start.slice('/hf'.length), { cookies });
    const atProvider = new URL(started.headers.location ?? '');
    expect(atProvider.searchParams.get('redirect_uri')).toBe(`${publicUrl}/oauth/acme/callback`);
    const refused = `/oauth/acme/callback?error=access_denied&state=${atProvider.searchParams.get('state') ?? ''}`;
    const jar = {
      ...cookies,
      ...Object.fromEntries(started.cookies.map((one) => [one.name, one.value])),
    };
    const again = await ask('GET', refused, { cookies: jar });
    expect(again.statusCode).toBe(403);
    const reconnect = await ask('GET', `/reconnect/${id}`, { cookies });
    expect(reconnect.headers.location).toBe(`${start}&credential=main`);

    const pages = [
      again,
      await ask('GET', '/', { cookies }),
      await ask('GET', '/sign-out', { cookies }),
      await ask('GET', link, { cookies }),
      await ask('GET', refused, { cookies: jar }),
    ];
    const paths = pages.flatMap(({ body }) =>
      [...body.matchAll(/(?:href|src|action|data-path|data-base|base-url)="([^"#]+)"/g)].map(
        ([, path]) => path,
      ),
    );
    expect(paths.length).toBeGreaterThanOrEqual(14);
    expect(paths.filter((path) => path?.startsWith('/hf/') !== true)).toEqual([]);

    const nobody = await ask('GET', `/reconnect/${id}`, {});
    expect(nobody.headers.location).toBe(
      `https://app.example/sign-in?returnTo=${encodeURIComponent(`${publicUrl}/reconnect/${id}`)}`,
    );
  });
});

test('a request in absolute form is one as any other, with the path and without', async () => {
  await gateway.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = gateway.app.server.address() as AddressInfo;
  const ask = async (path: string) => {
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`);
    return (await text(socket)).split('\r\n')[0];
  };
  for (const at of ['', '/hf', 'http://proxied.example', 'http://proxied.example/hf']) {
    expect(await ask(`${at}/healthz`)).toMatch(/ 200 /);
    // There is no such journey.
    expect(await ask(`${at}/oauth/acme/callback?state=x&code=y`)).toMatch(/ 40\d /);
  }
});

test.each(['/s', '/webhooks/apps', '/webhooks/x', '/v1/integrations/x/token'])(
  'a path that Holdfast uses itself stops the start: %s',
  async (path) => {
    const own = await gatewayFixture({ config: { publicUrl: origin + path } });
    await expect(own.app.ready()).rejects.toThrow(
      `the path ${path} is one that Holdfast uses itself`,
    );
    await own.close();
  },
);
