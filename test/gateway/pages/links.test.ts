import { agree, Browser } from '../browser';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { comingBack, connect, link } from '../journey';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture({ signInUrl: 'https://app.example/sign-in' });
});
afterAll(() => fixture.close());

const waysOf = (text: string) =>
  [...text.matchAll(/<a class="act[^"]*" href="([^"]+)"[^>]*>([^<]+)<\/a/g)].map(
    ([, href = '', label = '']) =>
      [label, href].map((part) => part.trim().replaceAll('&amp;', '&')),
  );

test('a failure offers to try again, and leads back to where the person came from', async () => {
  const { browser, callback, id } = await comingBack(fixture, 'ada');
  fixture.server.nextExchange = 'server_error';
  const end = await browser.open(callback);
  expect(end.status).toBe(503);
  expect(waysOf(end.text)).toEqual([
    ['Try again', `/oauth/acme/start?integration=${id}&credential=main`],
    ['Your connections', '/'],
  ]);
});

test('an address that is not allowed any more leads nobody back', async () => {
  const { id } = await fixture.integration('bo');
  const returnTo = 'https://app.example/settings';
  const browser = new Browser();
  await browser.press(await browser.open(await link(fixture, 'bo', id, { returnTo })));
  const asked = () => browser.open(`${fixture.publicUrl}/reconnect/int_none`);
  expect(waysOf((await asked()).text)).toEqual([['Back to Example & Co', returnTo]]);
  await fixture.pool.query(
    `UPDATE sessions SET return_to = 'https://evil.example/' WHERE user_id = 'bo'`,
  );
  expect(waysOf((await asked()).text)).toEqual([['Your connections', '/']]);
});

test('a step that was too late can be started again by whose it is', async () => {
  const { browser, callback, id } = await comingBack(fixture, 'cy');
  await fixture.pool.query(
    `UPDATE oauth_states SET expires_at = now() - interval '1 second' WHERE integration_id = $1`,
    [id],
  );
  expect(waysOf((await browser.open(callback)).text)).toEqual([
    ['Start again', `/reconnect/${id}`],
    ['Your connections', '/'],
  ]);
  // Nobody else's browser is told which connection it was.
  const { browser: someoneElse } = await comingBack(fixture, 'gil');
  const theirs = await someoneElse.open(callback);
  expect(theirs.text).not.toContain(id);
  expect(waysOf(theirs.text)).toEqual([['Your connections', '/']]);
  const other = await new Browser().open(callback);
  expect(other.text).not.toContain(id);
  expect(waysOf(other.text)).toEqual([
    [
      'Go to Example & Co',
      `https://app.example/sign-in?returnTo=${encodeURIComponent(`${fixture.publicUrl}/`)}`,
    ],
  ]);
});

test('a step that was done already leads to the connections, and is not done again', async () => {
  const { id } = await fixture.integration('dee');
  await connect(fixture, 'dee', id, 'dee@acme');
  const browser = new Browser();
  const pressed = await browser.press(await browser.open(await link(fixture, 'dee', id)));
  const { url: callback } = await agree(browser, pressed, 'dee@acme', fixture.isCallback);
  await browser.open(callback);
  const again = await browser.open(callback);
  expect(again.status).toBe(409);
  expect(waysOf(again.text)).toEqual([['Your connections', '/']]);
});

test('a link that was used leads who is signed in to their connections', async () => {
  const { id } = await fixture.integration('eve');
  const url = await link(fixture, 'eve', id);
  const browser = new Browser();
  await browser.press(await browser.open(url));
  expect(waysOf((await browser.open(url)).text)).toEqual([['Your connections', '/']]);
});

test("a page's script is not sent to sign in, where it could not read what it gets", async () => {
  const headers = { 'sec-fetch-dest': 'empty' };
  const script = await new Browser().step(`${fixture.publicUrl}/`, { headers });
  expect(script.status).toBe(401);
  expect((await new Browser().step(`${fixture.publicUrl}/`)).status).toBe(302);
});
