import { agree, Browser } from '../browser';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { connect } from '../journey';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterAll(() => fixture.close());

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

async function endsIn(credentialId: string, ms: number, isFixed = true): Promise<Date> {
  const at = new Date(Date.now() + ms);
  await fixture.pool.query(
    'UPDATE credentials SET refresh_expires_at = $2, refresh_end_is_fixed = $3 WHERE id = $1',
    [credentialId, at, isFixed],
  );
  return at;
}

/** The connections page, in a browser that is signed in. */
async function pageOf(userId: string) {
  const { body } = await fixture.api('POST', '/v1/sessions', { userId });
  const browser = new Browser();
  return { browser, page: await browser.press(await browser.open(body.url ?? '')) };
}

test('a connection that ends within 7 days offers its reconnect before it breaks', async () => {
  const tokens = (name: string) => ({ accessToken: `${name}-1`, refreshToken: `${name}-2` });
  const credentials = { backup: tokens('backup'), main: tokens('main') };
  const { id, credentialId } = await fixture.integration('ada', 'acme', { credentials });
  const at = await endsIn(credentialId, 5 * dayMs);
  const { browser, page } = await pageOf('ada');
  expect(page.text).toMatch(
    new RegExp(`Acme</bdi> ends this connection on\\s+<time datetime="${at.toISOString()}"`),
  );
  expect(page.text).not.toMatch(/needs reconnecting|be reconnected/i);

  // The one that ends, and not the one that a reconnect is for where none is named.
  const path = /id="[^"]*-connect" href="([^"]+)"/.exec(page.text)?.[1] ?? '';
  const asked = await browser.open(new URL(path.replaceAll('&amp;', '&'), fixture.publicUrl));
  expect((await agree(browser, asked, 'ada@acme')).text).toContain('Acme is connected');
  const { body } = await fixture.api('GET', `/v1/integrations/${id}`);
  expect(body.credentials).toMatchObject([
    { name: 'backup', id: credentialId, version: 2 },
    { name: 'main', version: 1 },
  ]);
});

test.each([
  ['later', 7 * dayMs + hourMs, true],
  ['when it is not used', dayMs, false],
  ['before now', -hourMs, true],
])('one that ends %s says nothing of it', async (_when, ms, isFixed) => {
  const userId = `bo-${Math.abs(ms)}`;
  const { id, credentialId } = await fixture.integration(userId);
  await connect(fixture, userId, id, `${userId}@acme`);
  await fixture.pool.query(`UPDATE integrations SET status = 'ENABLED' WHERE id = $1`, [id]);
  await endsIn(credentialId, ms, isFixed);
  const { page } = await pageOf(userId);
  expect(page.text).toContain('<h2');
  expect(page.text).not.toMatch(/ends this connection|-connect"/);
});
