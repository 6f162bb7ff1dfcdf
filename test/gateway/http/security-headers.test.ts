import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';

const origin = 'https://holdfast.example';
let https: GatewayFixture;
let http: GatewayFixture;
beforeAll(async () => {
  https = await gatewayFixture({
    config: { publicUrl: origin, allowedOrigins: ['https://app.example', 'https://b.example'] },
  });
  http = await gatewayFixture({ config: { publicUrl: 'http://localhost:3000' } });
});
afterAll(async () => {
  await https.close();
  await http.close();
});

const get = ({ app }: GatewayFixture, url: string, cookie?: string) =>
  app.inject({ url, headers: cookie === undefined ? {} : { cookie } });

/** A session of that user. @returns the link's path and, redeemed, the cookie as a browser gets it */
async function session({ app, call }: GatewayFixture, ownOrigin: string, body: object = {}) {
  const { body: made } = await call('POST', '/v1/sessions', { userId: 'ada', ...body });
  const { pathname } = new URL((made as unknown as { url: string }).url);
  const other = await call('POST', '/v1/sessions', { userId: 'ada' });
  const { pathname: open } = new URL((other.body as unknown as { url: string }).url);
  const answer = await app.inject({
    method: 'POST',
    url: pathname,
    headers: { origin: ownOrigin },
  });
  const setCookie = String(answer.headers['set-cookie']);
  return { open, answer, setCookie, cookie: setCookie.split(';')[0] ?? '' };
}

const directives = (headers: Record<string, unknown>) =>
  new Map(
    String(headers['content-security-policy'])
      .split('; ')
      .map((directive) => {
        const [name = '', ...sources] = directive.split(' ');
        return [name, sources.join(' ')] as const;
      }),
  );

test('the session cookie is bound to the host, kept from scripts and from other sites', async () => {
  const { setCookie } = await session(https, origin);
  expect(setCookie).toMatch(/^__Host-holdfast-session=[\w-]{43}; /);
  for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/', 'Expires=']) {
    expect(setCookie).toContain(attribute);
  }
  expect(setCookie).not.toContain('Domain');
});

test('over plain http the cookie is all that but secure', async () => {
  const { setCookie } = await session(http, 'http://localhost:3000');
  expect(setCookie).toMatch(/^holdfast-session=/);
  expect(setCookie).toContain('HttpOnly; SameSite=Lax');
  expect(setCookie).not.toContain('Secure');
});

describe('every page', () => {
  const pages = async () => {
    const { open, cookie } = await session(https, origin);
    return [
      ['/', cookie],
      ['/'],
      [open],
      ['/s/unknown'],
      ['/sign-out', cookie],
      ['/sign-out'],
      ['/reconnect/int_1', cookie],
      ['/reconnect/int_1'],
      ['/reconnect/%00'],
      ['/oauth/acme/start?integration=int_1', cookie],
      ['/oauth/acme/start?integration=int_1&via=page'],
      ['/oauth/acme/callback?state=x&code=y'],
      ['/oauth/nobody/callback'],
    ] as const;
  };

  test('has a policy without inline script, foreign addresses or anything unsafe', async () => {
    for (const [path, cookie] of await pages()) {
      const { headers, body } = await get(https, path, cookie);
      expect([path, headers['content-type']]).toEqual([path, 'text/html; charset=utf-8']);
      const policy = directives(headers);
      expect(policy.get('default-src')).toBe("'none'");
      expect(policy.get('base-uri')).toBe("'none'");
      expect(policy.get('style-src')).toMatch(/^'sha256-[\w+/=]{44}'$/);
      const scripts = [...body.matchAll(/<script[^>]*>/g)].map(([tag]) => tag);
      expect(policy.get('script-src')).toBe(scripts.length > 0 ? "'self'" : undefined);
      expect(policy.get('connect-src')).toBe(scripts.length > 0 ? "'self'" : undefined);
      for (const tag of scripts) {
        expect(tag).toMatch(/^<script type="module" src="\/assets\/\w+\.js">$/);
      }
      expect(String(headers['content-security-policy'])).not.toMatch(/unsafe|\*|data:|blob:/);
      expect(body).not.toMatch(/\son\w+=|\sstyle=|javascript:/i);
      expect(body).not.toMatch(/<(?:link|img|iframe|object|embed)\b/i);
    }
  });

  test('is kept nowhere, framed by nobody and asks the browser for nothing', async () => {
    for (const [path, cookie] of await pages()) {
      const { headers } = await get(https, path, cookie);
      expect([path, directives(headers).get('frame-ancestors')]).toEqual([path, "'none'"]);
      expect(headers).toMatchObject({
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
        'permissions-policy': expect.stringContaining('camera=()') as string,
        'strict-transport-security': 'max-age=31536000',
      });
      // Under no-referrer a form is sent with `Origin: null`, and refused.
      const hasForm = directives(headers).get('form-action') !== "'none'";
      expect(headers['referrer-policy']).toBe(hasForm ? 'same-origin' : 'no-referrer');
    }
  });
});

test.each([
  ['a redirect that signs in', async () => (await session(https, origin)).answer],
  ['an error of the API of a person', () => get(https, '/api/connectors/ada/status')],
  ["an error of the application's API", () => get(https, '/v1/integrations')],
  ['an address that leads nowhere', () => get(https, '/nothing/here')],
  ['a check of the health', () => get(https, '/healthz')],
])('%s has the headers that every answer has', async (_what, ask) => {
  const { headers } = await ask();
  expect(headers).toMatchObject({
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'strict-transport-security': 'max-age=31536000',
  });
});

test('what is personal is not kept, whether it is a redirect or JSON', async () => {
  const { answer, cookie } = await session(https, origin);
  expect(answer.statusCode).toBe(303);
  expect(answer.headers['cache-control']).toBe('no-store');
  const status = await get(https, '/api/connectors/ada/status', cookie);
  expect(status.statusCode).toBe(200);
  expect(status.headers['cache-control']).toBe('no-store');
});

test('scripts may be loaded by any page, and by no other name', async () => {
  const { headers, statusCode } = await get(https, '/banner.js');
  expect(statusCode).toBe(200);
  expect(headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'cross-origin',
  });
});

test('over plain http nothing is said about https', async () => {
  for (const path of ['/', '/s/unknown', '/v1/integrations', '/healthz']) {
    expect((await get(http, path)).headers['strict-transport-security']).toBeUndefined();
  }
});
