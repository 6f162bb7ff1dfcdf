import { Browser } from '../browser';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { link } from '../journey';
import { loggedSecrets } from '../logged-secrets';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterAll(() => fixture.close());

test('S43 a link that is only fetched signs nobody in, and works afterwards', async () => {
  const { id } = await fixture.integration('dee');
  const url = await link(fixture, 'dee', id);
  const scanner = new Browser();
  for (const method of ['GET', 'HEAD', 'GET'] as const) {
    const answer = await scanner.step(url, { method });
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie()).toEqual([]);
  }
  const start = `${fixture.publicUrl}/oauth/acme/start?integration=${id}`;
  expect((await scanner.open(start)).status).toBe(401);

  const person = new Browser();
  const pressed = await person.press(await person.open(url), {});
  expect(pressed.url.origin).toBe(fixture.server.issuer);
});

test('S43 a link signs in once, and says so to the next', async () => {
  const { id } = await fixture.integration('eve');
  const url = await link(fixture, 'eve', id);
  const [first, second] = [new Browser(), new Browser()];
  const page = await first.open(url);
  const headers = { origin: fixture.publicUrl };
  const answers = await Promise.all(
    [first, second].map((browser) => browser.step(url, { method: 'POST', headers })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 410]);
  expect(answers.filter((answer) => answer.headers.getSetCookie().length > 0)).toHaveLength(1);
  const again = await second.press(page);
  expect(again).toMatchObject({ status: 410 });
  expect(again.text).toContain('used already');
  expect((await second.open(url)).status).toBe(410);
});

test('S43 an expired link and one that never was end on a page that says what to do', async () => {
  const { id } = await fixture.integration('fay');
  const url = await link(fixture, 'fay', id);
  await fixture.pool.query(
    `UPDATE sessions SET link_expires_at = now() - interval '1 second' WHERE user_id = 'fay'`,
  );
  const browser = new Browser();
  const headers = { origin: fixture.publicUrl };
  for (const method of ['GET', 'POST'] as const) {
    const late = await browser.open(url, { method, headers });
    expect(late.status).toBe(410);
    expect(late.text).toContain('Ask for a new one in Example &amp; Co');
    const wrong = await browser.open(`${url}x`, { method, headers });
    expect(wrong.status).toBe(404);
    expect(wrong.text).toContain('Ask for a new one');
  }
});

test("S43 another site's form signs nobody in", async () => {
  const { id } = await fixture.integration('gil');
  const url = await link(fixture, 'gil', id);
  for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, {}]) {
    const answer = await new Browser().step(url, { method: 'POST', headers });
    expect(answer.status).toBe(403);
    expect(answer.headers.getSetCookie()).toEqual([]);
  }
});

test('S40 no token, code, state or link is in a log line', () => {
  expect(loggedSecrets(fixture)).toEqual([]);
});
