import { createHash } from 'node:crypto';
import { linkCredential } from '../../support/scenes/rows';
import { Browser } from '../browser';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { connect, link } from '../journey';

const signInUrl = 'https://app.example/sign-in?from=holdfast';
let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture({ signInUrl });
});
afterAll(() => fixture.close());

const policyOf = (headers: Headers) => headers.get('content-security-policy') ?? '';

test('a page may load, frame and keep nothing, and its style is the one that its policy names', async () => {
  const { status, headers, text } = await new Browser().open(`${fixture.publicUrl}/s/unknown`);
  expect(status).toBe(404);
  expect(policyOf(headers)).toContain("default-src 'none'");
  expect(policyOf(headers)).toContain("frame-ancestors 'none'");
  expect(policyOf(headers)).toContain("form-action 'none'");
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('cache-control')).toBe('no-store');
  const style = /<style>([^]*)<\/style>/.exec(text)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  expect(policyOf(headers)).toContain(`style-src 'sha256-${hash}'`);
  expect(text).not.toMatch(/<script|style=|src=/);
});

test("a link's page lets its form go on to any provider, and tells its own origin", async () => {
  const { id } = await fixture.integration('ada');
  const { headers } = await new Browser().open(await link(fixture, 'ada', id));
  expect(policyOf(headers)).toContain("form-action 'self' https:");
  // Under no-referrer browsers send `Origin: null` with the form.
  expect(headers.get('referrer-policy')).toBe('same-origin');
});

test('a person without a session is sent to sign in, and comes back to the same place', async () => {
  const path = '/reconnect/int_0123456789';
  const answer = await new Browser().step(`${fixture.publicUrl}${path}`);
  expect(answer.status).toBe(302);
  const location = new URL(answer.headers.get('location') ?? '');
  expect(location.origin + location.pathname).toBe('https://app.example/sign-in');
  expect(location.searchParams.get('from')).toBe('holdfast');
  expect(location.searchParams.get('returnTo')).toBe(fixture.publicUrl + path);
});

test('where there is no address to sign in at, a page says where to come from', async () => {
  const plain = await identityFixture();
  try {
    const page = await new Browser().open(`${plain.publicUrl}/reconnect/int_0123456789`);
    expect(page.status).toBe(401);
    expect(page.text).toContain('Go back to Example &amp; Co');
  } finally {
    await plain.close();
  }
});

test('a link without an integration leads to the connections, with Connect for the broken one', async () => {
  const { id } = await fixture.integration('bea');
  const { status, body } = await fixture.api('POST', '/v1/sessions', {
    ...{ userId: 'bea', userLabel: 'Bea <b>' },
  });
  expect(status).toBe(201);
  const browser = new Browser();
  const page = await browser.press(await browser.open(body.url ?? ''));
  expect(page.url.href).toBe(`${fixture.publicUrl}/`);
  expect(page.text).toContain('Bea &lt;b&gt;');
  expect(page.text).toContain(`href="/reconnect/${id}"`);
  const nobody = await new Browser().step(`${fixture.publicUrl}/`);
  expect(nobody.headers.get('location')).toContain('https://app.example/sign-in');
});

test('an ended session signs nobody in', async () => {
  const { id } = await fixture.integration('cleo');
  const browser = new Browser();
  await browser.press(await browser.open(await link(fixture, 'cleo', id)));
  await fixture.pool.query(`UPDATE sessions SET expires_at = now() WHERE user_id = 'cleo'`);
  const end = await browser.step(`${fixture.publicUrl}/oauth/acme/start?integration=${id}`);
  expect(end.status).toBe(302);
  const { origin, searchParams } = new URL(end.headers.get('location') ?? '');
  expect(origin).toBe('https://app.example');
  expect(searchParams.get('returnTo')).toBe(`${fixture.publicUrl}/reconnect/${id}`);
});

test('a page names what else has to be connected', async () => {
  const { id } = await fixture.integration('dora');
  const second = await fixture.integration('dora-second');
  const link = { integration_id: id, credential_id: second.credentialId };
  await linkCredential(fixture.pool, { ...link, name: 'calendar' });
  const end = await connect(fixture, 'dora', id, 'dora@acme', { credential: 'main' });
  expect(end.status).toBe(200);
  expect(end.text).toContain('One more account');
  expect(end.text).toContain('credential=calendar');
});

test.each([
  '/reconnect/x',
  '/reconnect/%00',
  '/oauth/acme/start',
  '/oauth/acme/start?integration=%00',
  '/oauth/acme/start?integration=int_1&credential=%00',
  '/oauth/unknown/callback?state=x&code=y',
  '/oauth/%00/callback',
  '/s/%00',
  `/s/${'x'.repeat(90)}`,
])('bad input is a page with a 4xx: %s', async (path) => {
  const { status, headers } = await new Browser().open(`${fixture.publicUrl}${path}`);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect(headers.get('content-type')).toContain('text/html');
});

test.each(['/v1/nothing', '/api/nothing', '/webhooks', '/v1?x'])(
  'an unknown address for programs is answered in JSON, whatever their library accepts: %s',
  async (path) => {
    const answer = await fetch(`${fixture.publicUrl}${path}`, {
      headers: { accept: 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2' },
    });
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(await answer.json()).toMatchObject({ error: { code: expect.any(String) as unknown } });
  },
);
