import { Browser } from '../browser';
import { bearer } from '../as-person';
import { type IdentityFixture, identityFixture } from '../identity-fixture';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterAll(() => fixture.close());

const returnTo = 'https://app.example/settings';

/** A browser that is signed in as that person, and the session's bearer. */
async function signedIn(userId: string) {
  const { body } = await fixture.api('POST', '/v1/sessions', {
    ...{ userId, userLabel: `<${userId}>`, returnTo },
  });
  const browser = new Browser();
  await browser.press(await browser.open(body.url ?? ''));
  return { browser, token: body.token ?? '' };
}

const signedOut = async () => {
  const { rows } = await fixture.pool.query<Record<string, string>>(
    `SELECT actor_kind AS kind, actor_name AS name, subject, source_address AS address
     FROM audit WHERE action = 'session.ended'`,
  );
  return rows;
};

const sessions = async (userId: string) =>
  (await fixture.pool.query('SELECT FROM sessions WHERE user_id = $1', [userId])).rowCount;

test('a person signs out: the session is gone, its bearer too, and a page says so', async () => {
  const { browser, token } = await signedIn('ada');
  const asked = await browser.open(`${fixture.publicUrl}/sign-out`);
  expect(asked.status).toBe(200);
  expect(asked.text).toContain('&lt;ada&gt;');
  expect(await sessions('ada')).toBe(1);

  await fixture.pool.query('ALTER TABLE audit RENAME TO elsewhere');
  const refused = await browser.press(asked);
  await fixture.pool.query('ALTER TABLE elsewhere RENAME TO audit');
  expect(refused.status).toBe(503);
  expect(refused.text).toMatch(/href="\/sign-out"[^>]*>Try again/);
  expect(await sessions('ada')).toBe(1);

  const end = await browser.press(asked);
  expect(end.status).toBe(200);
  expect(end.text).toContain('You are signed out');
  expect(await signedOut()).toEqual([
    {
      ...{ kind: 'person', name: expect.stringMatching(/^user:[0-9a-f]{16}$/) as string },
      ...{ subject: expect.stringMatching(/^session:ses_/) as string, address: '127.0.0.1' },
    },
  ]);
  expect(end.text).toContain(`href="${returnTo}"`);
  expect(end.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^holdfast-session=; Max-Age=0; Path=\/;/),
  ]);
  expect(await sessions('ada')).toBe(0);
  expect((await browser.open(`${fixture.publicUrl}/`)).status).toBe(401);
  const status = await fetch(`${fixture.publicUrl}/api/connectors/ada/status`, {
    headers: bearer(token),
  });
  expect(status.status).toBe(401);
});

test('what says which way to a provider was this browser’s goes too, and no other cookie', async () => {
  const { browser } = await signedIn('bea');
  const cookies = browser.cookies.get('127.0.0.1');
  cookies?.set('holdfast-oauth-0123456789abcdef', 'x').set('theme', 'dark');
  await browser.press(await browser.open(`${fixture.publicUrl}/sign-out`));
  expect([...(cookies?.keys() ?? [])]).toEqual(['theme']);
});

test('the cookie alone is no good any more, wherever it was copied to', async () => {
  const { browser } = await signedIn('bo');
  const copy = new Browser();
  copy.cookies.set('127.0.0.1', new Map(browser.cookies.get('127.0.0.1')));
  await browser.press(await browser.open(`${fixture.publicUrl}/sign-out`));
  expect((await copy.open(`${fixture.publicUrl}/`)).status).toBe(401);
});

test('signing out ends one session, not those of other browsers', async () => {
  const [one, other] = [await signedIn('cy'), await signedIn('cy')];
  await one.browser.press(await one.browser.open(`${fixture.publicUrl}/sign-out`));
  expect((await other.browser.open(`${fixture.publicUrl}/`)).status).toBe(200);
});

test.each(['GET', 'HEAD'] as const)('%s signs nobody out', async (method) => {
  const { browser } = await signedIn('dee');
  await browser.step(`${fixture.publicUrl}/sign-out`, { method });
  expect((await browser.open(`${fixture.publicUrl}/`)).status).toBe(200);
});

test('who was not signed in is told the same', async () => {
  const headers = { origin: fixture.publicUrl };
  for (const method of ['GET', 'POST'] as const) {
    const end = await new Browser().open(`${fixture.publicUrl}/sign-out`, { method, headers });
    expect(end.status).toBe(200);
    expect(end.text).toContain('You are signed out');
  }
});
