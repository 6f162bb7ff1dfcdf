import { agree, Browser, confirm } from '../browser';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { comingBack, credentialRow, link } from '../journey';
import { loggedSecrets } from '../logged-secrets';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterAll(() => fixture.close());

test('S43 a changed state is refused', async () => {
  const { browser, callback, credentialId } = await comingBack(fixture, 'hal');
  const changed = new URL(callback);
  changed.searchParams.set('state', `${callback.searchParams.get('state') ?? ''}x`);
  const end = await browser.open(changed);
  expect(end.status).toBe(400);
  expect(end.text).toContain('To start again, go back to Example &amp; Co');
  expect((await browser.open(`${fixture.publicUrl}/oauth/acme/callback`)).status).toBe(400);
  expect(await credentialRow(fixture, credentialId)).toMatchObject({ version: 0 });
});

test('S43 another browser is refused, and the right one still connects', async () => {
  const { browser, callback, credentialId } = await comingBack(fixture, 'ida');
  const end = await new Browser().open(callback);
  expect(end.status).toBe(403);
  expect(end.text).toContain('another browser');
  expect(await credentialRow(fixture, credentialId)).toMatchObject({ version: 0 });
  expect((await browser.open(callback)).status).toBe(200);
});

test('S43 an expired state is refused', async () => {
  const { browser, callback, id } = await comingBack(fixture, 'jon');
  await fixture.pool.query(
    `UPDATE oauth_states SET expires_at = now() - interval '1 second' WHERE integration_id = $1`,
    [id],
  );
  const end = await browser.open(callback);
  expect(end.status).toBe(410);
  expect(end.text).toContain('ten minutes');
});

test('S43 a state works once, also for two callbacks at the same moment', async () => {
  const { browser, callback, credentialId } = await comingBack(fixture, 'kai');
  const other = new Browser();
  other.cookies.set('127.0.0.1', new Map(browser.cookies.get('127.0.0.1')));
  const issued = fixture.server.issued.length;
  const ends = await Promise.all([browser.open(callback), other.open(callback)]);
  expect(ends.map(({ status }) => status)).toContain(200);
  expect(fixture.server.issued).toHaveLength(issued + 2);
  // What came of it is the same for both.
  const late = await browser.open(callback);
  expect([late.status, late.text]).toEqual([200, expect.stringContaining('this Acme account?')]);
  await confirm(browser, late);
  expect(await credentialRow(fixture, credentialId)).toMatchObject({ version: 1 });
});

test('a page that is loaded again while the first time is under way leads to what comes of that', async () => {
  const { browser, callback, id } = await comingBack(fixture, 'kim');
  const isUsed = (at: string) =>
    fixture.pool.query(`UPDATE oauth_states SET used_at = ${at} WHERE integration_id = $1`, [id]);
  await isUsed('now()');
  const early = await browser.open(callback);
  expect([early.status, early.text]).toEqual([409, expect.stringContaining('done already')]);
  expect(early.text).not.toContain(callback.searchParams.get('state'));
  await isUsed('NULL');
  const [, way] = /href="([^"]*)"[^>]*>Look again</.exec(early.text) ?? [];
  const late = await browser.open(new URL(way ?? '/nowhere', early.url));
  expect([late.status, late.text]).toEqual([200, expect.stringContaining('this Acme account?')]);
});

test('S43 a state of one provider is refused at another', async () => {
  const { browser, callback, credentialId } = await comingBack(fixture, 'lea');
  const elsewhere = new URL(callback.href.replace('/acme/', '/gone/'));
  expect((await browser.open(elsewhere)).status).toBe(400);
  expect(await credentialRow(fixture, credentialId)).toMatchObject({ version: 0 });
});

test('HEAD uses no state up', async () => {
  const { browser, callback } = await comingBack(fixture, 'mia');
  expect((await browser.step(callback, { method: 'HEAD' })).status).toBe(404);
  expect((await browser.open(callback)).status).toBe(200);
});

test('S43 a person who says no sees a friendly page, and can try again', async () => {
  const { id, credentialId } = await fixture.integration('ned');
  const browser = new Browser();
  const login = await browser.press(await browser.open(await link(fixture, 'ned', id)));
  const abort = /href="([^"]+\/abort)"/.exec(login.text)?.[1] ?? '';
  const end = await browser.open(new URL(abort, login.url));
  expect(end.status).toBe(403);
  expect(end.text).toContain('Acme was not connected');
  expect(await credentialRow(fixture, credentialId)).toMatchObject({
    version: 0,
    state: 'missing',
  });

  const again = /href="(\/oauth\/[^"]+)"/.exec(end.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const second = await browser.open(new URL(again, end.url));
  expect((await agree(browser, second, 'ned@acme')).text).toContain('Acme is connected');
});

test('a provider that does not answer ends on a page and in the log', async () => {
  const { browser, callback, credentialId } = await comingBack(fixture, 'oda');
  fixture.server.nextExchange = 'server_error';
  const end = await browser.open(callback);
  expect(end.status).toBe(503);
  expect(end.text).toContain('Acme does not answer');
  expect(end.text).toContain('Try again');
  expect(fixture.logged.join('')).toContain('"code":"provider_unavailable"');
  expect(await credentialRow(fixture, credentialId)).toMatchObject({ version: 0 });
});

test("a wrong client secret is the application's fault, and says so", async () => {
  const { browser, callback } = await comingBack(fixture, 'pia');
  fixture.server.nextExchange = 'invalid_client';
  const end = await browser.open(callback);
  expect(end.status).toBe(502);
  expect(end.text).toContain('not your fault');
  expect(fixture.logged.join('')).toContain('"reason":"invalid_client"');
});

test('S40 no token, code, state or link is in a log line', () => {
  expect(loggedSecrets(fixture)).toEqual([]);
});
