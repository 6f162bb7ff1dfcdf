import { agree, Browser } from '../browser';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { connect, credentialRow, link } from '../journey';
import { loggedSecrets } from '../logged-secrets';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterAll(() => fixture.close());

test('S44 another account is refused, and the page says which was expected and which came', async () => {
  const { id, credentialId } = await fixture.integration('quin');
  await connect(fixture, 'quin', id, 'quin@acme');
  const before = await credentialRow(fixture, credentialId);
  const end = await connect(fixture, 'quin', id, 'other@acme');
  expect(end.status).toBe(409);
  expect(end.text).toMatch(/Expected<\/dt>\s*<dd><bdi>quin@acme/);
  expect(end.text).toMatch(/You chose<\/dt>\s*<dd><bdi>other@acme/);
  expect(await credentialRow(fixture, credentialId)).toEqual(before);
  // Somebody may be using that account elsewhere: its grant is not revoked.
  const [other = ''] = fixture.server.issued.slice(-2);
  const headers = { authorization: `Bearer ${other}` };
  const me = await fetch(`${fixture.server.issuer}/me`, { headers });
  expect(await me.json()).toMatchObject({ sub: 'other@acme' });
  expect((await connect(fixture, 'quin', id, 'quin@acme')).status).toBe(200);
  expect(await credentialRow(fixture, credentialId)).toMatchObject({
    version: 2,
    account_id: 'quin@acme',
  });
});

test('S44 another account is refused before anything else is asked of the person', async () => {
  const { id } = await fixture.integration('quentin', 'lazy');
  await connect(fixture, 'quentin', id, 'quentin@acme');
  const browser = new Browser();
  const pressed = await browser.press(await browser.open(await link(fixture, 'quentin', id)));
  const { url } = await agree(browser, pressed, 'other@acme', fixture.isCallback);
  expect(await browser.open(url)).toMatchObject({ status: 409 });
});

test('S38 without the refresh token that is due the person is asked for consent, once more', async () => {
  const { id, credentialId } = await fixture.integration('rob', 'lazy');
  const end = await connect(fixture, 'rob', id, 'rob@acme');
  expect(end.text).toContain('Lazy is connected');
  const before = await credentialRow(fixture, credentialId);
  expect(before.refresh_token).not.toBeNull();

  const browser = new Browser();
  const pressed = await browser.press(await browser.open(await link(fixture, 'rob', id)));
  const first = await agree(browser, pressed, 'rob@acme', fixture.isCallback);
  expect(pressed.hops.join(' ')).not.toContain('prompt=consent');
  const asked = await browser.open(first.url);
  expect(asked.hops.join(' ')).toContain('prompt=consent');
  const second = await agree(browser, asked, 'rob@acme', fixture.isCallback);
  fixture.server.nextExchange = 'without_refresh_token';
  const refused = await browser.open(second.url);
  expect(refused.status).toBe(409);
  expect(refused.text).toContain('lasting access');
  expect(await credentialRow(fixture, credentialId)).toEqual(before);
});

test('S38 a code exchange is never merged with what was stored before', async () => {
  const { id, credentialId } = await fixture.integration('roy', 'plain', {
    credentials: {
      main: { accessToken: 'old-access', refreshToken: 'old-refresh', scope: 'old' },
    },
  });
  await fixture.pool.query(
    `UPDATE credentials SET state = 'dead', code = 'rotation_lost', failures = 3, refusals = 2,
       retry_at = now(), degraded_since = now(), refused_since = now(), unanswered_version = 1,
       presenting_version = 1, presenting_attempt = 'a', presenting_until = now(),
       refresh_rejected_since = now(), scopes = '{old}', refresh_expires_at = now(),
       refresh_end_is_fixed = true WHERE id = $1`,
    [credentialId],
  );
  expect((await connect(fixture, 'roy', id, 'roy@acme')).text).toContain('Plain is connected');
  const stored = await credentialRow(fixture, credentialId);
  expect(stored).toMatchObject({
    ...{ version: 2, state: 'alive', code: null, refresh_token: null, failures: 0 },
    ...{ refusals: 0, retry_at: null, degraded_since: null, refused_since: null },
    ...{ unanswered_version: null, presenting_version: null, presenting_attempt: null },
    ...{ refresh_rejected_since: null, refresh_expires_at: null, refresh_end_is_fixed: false },
    ...{ consented_at: expect.any(Date) as Date, verified_at: expect.any(Date) as Date },
    ...{ presenting_until: null },
  });
  expect(stored.scope).not.toBe('old');
  // Nothing can be refreshed: its end is looked at when it comes.
  expect(stored.refresh_at).toEqual(stored.expires_at);
});

test('S40 no token, code, state or link is in a log line', () => {
  expect(loggedSecrets(fixture)).toEqual([]);
});
