import { session } from '../as-person';
import { Browser } from '../browser';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { link } from '../journey';
import { loggedSecrets } from '../logged-secrets';

let fixture: IdentityFixture;
let id: string;
beforeAll(async () => {
  fixture = await identityFixture();
  ({ id } = await fixture.integration('ada'));
});
afterAll(() => fixture.close());

const app = 'https://app.example';
const unnamed: Record<string, string>[] = [{ origin: 'null' }, {}];

/** A link that a page of that origin asks for with its person's bearer. */
async function linkFor(origin: string): Promise<string> {
  const answer = await fetch(`${fixture.publicUrl}/api/users/ada/connectors/main/link`, {
    method: 'POST',
    headers: { ...(await session(fixture, 'ada')), origin, 'content-type': 'application/json' },
    body: '{}',
  });
  const { url } = (await answer.json()) as { url: string };
  fixture.known.push(url.slice(-43));
  return url;
}

const post = (browser: Browser, url: string, headers: Record<string, string>) =>
  browser.step(url, { method: 'POST', headers });

test('a form of the page that asked for a link signs in by it, once, and leads to the provider', async () => {
  const url = await linkFor(app);
  const browser = new Browser();
  const answer = await post(browser, url, { origin: app });
  expect(answer.status).toBe(303);
  expect(answer.headers.getSetCookie()).toHaveLength(1);
  // A page ends what the policy of the other site holds for: Chromium applies `form-action` to every redirect.
  const page = await browser.open(new URL(answer.headers.get('location') ?? '', url));
  expect(page.status).toBe(200);
  const [, onward = ''] =
    /<meta http-equiv="refresh" content="0;url=([^"]+)"/.exec(page.text) ?? [];
  expect(page.text).toContain(`href="${onward}"`);
  const there = new URL(onward.replaceAll('&amp;', '&'), url);
  const end = await browser.open(there, {}, (next) => next.origin !== fixture.publicUrl);
  expect(end.url.origin).toBe(fixture.server.issuer);
  expect(there.searchParams.get('integration')).toBe(id);

  const again = await post(new Browser(), url, { origin: app });
  expect(again.status).toBe(410);
  expect(again.headers.getSetCookie()).toEqual([]);
});

test('a form whose page the browser does not name leads to the page with the button, which then works', async () => {
  const url = await linkFor(app);
  for (const headers of unnamed) {
    const answer = await post(new Browser(), url, headers);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, url]);
    expect(answer.headers.getSetCookie()).toEqual([]);
  }
  const person = new Browser();
  const pressed = await person.press(await person.open(url));
  expect(pressed.hops.at(-1)).toContain('/oauth/acme/start');
  expect(person.cookies.size).toBe(1);
});

test('our own button, whose page something on the way has removed, is refused with a sentence and not led round', async () => {
  const answer = await post(new Browser(), await linkFor(app), { 'sec-fetch-site': 'same-origin' });
  expect(answer.status).toBe(403);
});

test.each([
  ['another site', () => linkFor(app), 'https://evil.example'],
  ['another page that may embed the banner', () => linkFor(app), 'https://other.example'],
  ['the page itself, in a longer name', () => linkFor(app), `${app}.evil.example`],
  ['a page, by a link that the application made', () => link(fixture, 'ada', id), app],
  [
    'a site, by a link that it asked for itself',
    () => linkFor('https://evil.example'),
    'https://evil.example',
  ],
  ['nowhere, by a link that the application made', () => link(fixture, 'ada', id), 'null'],
  ['nowhere, by a link that was asked for with that origin', () => linkFor('null'), 'null'],
])('S43 a form of %s signs nobody in', async (_who, ask, origin) => {
  const url = await ask();
  const answer = await post(new Browser(), url, { origin });
  expect(answer.status).toBe(403);
  expect(answer.headers.getSetCookie()).toEqual([]);
  // The link is as good as before.
  expect((await new Browser().open(url)).status).toBe(200);
});

test('an origin that is taken off the list can not sign in by links that it has asked for', async () => {
  const url = await linkFor(app);
  await fixture.pool.query(
    `UPDATE sessions SET asked_from = 'https://gone.example' WHERE asked_from = $1`,
    [app],
  );
  const answer = await post(new Browser(), url, { origin: 'https://gone.example' });
  expect(answer.status).toBe(403);
});

test('S40 no link is in a log line', () => {
  expect(loggedSecrets(fixture)).toEqual([]);
});
