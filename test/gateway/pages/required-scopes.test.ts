import { agree, Browser } from '../browser';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { connect, credentialRow, link } from '../journey';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterAll(() => fixture.close());

const textOf = (page: string) => page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

test('S43 a permission that was left out connects nothing; the page names it, and asks for it again', async () => {
  const { id, credentialId } = await fixture.integration('ada', 'picky');
  const before = await credentialRow(fixture, credentialId);
  const browser = new Browser();
  const pressed = await browser.press(await browser.open(await link(fixture, 'ada', id)));
  const refused = await agree(browser, pressed, 'ada@acme');
  expect(refused.status).toBe(403);
  expect(textOf(refused.text)).toContain(
    "can't work without what was left out at Picky: Work while you are &lt;away&gt; Nothing was changed",
  );
  expect(refused.text).not.toContain('openid');
  expect(await credentialRow(fixture, credentialId)).toEqual(before);
  expect(before).toMatchObject({ version: 0, state: 'missing', access_token: null });
  // To revoke it could end an earlier grant of that account.
  const [granted = ''] = fixture.server.issued.slice(-2);
  const headers = { authorization: `Bearer ${granted}` };
  expect((await fetch(`${fixture.server.issuer}/me`, { headers })).status).toBe(200);

  const again = /href="([^"]+)"[^>]*>Try again/.exec(refused.text)?.[1] ?? '';
  const asked = await browser.open(new URL(again.replaceAll('&amp;', '&'), fixture.publicUrl));
  expect(asked.hops.join(' ')).toContain('prompt=consent');
  const end = await agree(browser, asked, 'ada@acme');
  expect(end.text).toContain('Picky is connected');
  expect(await credentialRow(fixture, credentialId)).toMatchObject({
    ...{ version: 1, state: 'alive', scopes: ['openid', 'offline_access'] },
  });
});

test('a grant that is alive stays as it is where the next one lacks a permission', async () => {
  const { id, credentialId } = await fixture.integration('bo', 'narrow');
  fixture.server.nextExchange = 'without_scope';
  // As asked for (RFC 6749 section 5.1).
  expect((await connect(fixture, 'bo', id, 'bo@acme')).text).toContain('Narrow is connected');
  const before = await credentialRow(fixture, credentialId);
  const refused = await connect(fixture, 'bo', id, 'bo@acme');
  expect(refused.status).toBe(403);
  expect(textOf(refused.text)).toContain('left out at Narrow: contacts files Nothing was changed');
  expect(await credentialRow(fixture, credentialId)).toEqual(before);
  expect(fixture.logged.join('')).toContain('scope_missing');
});

test('the page of connections shows what was granted, in words as far as there are some', async () => {
  const { credentialId } = await fixture.integration('cy', 'picky');
  await fixture.pool.query('UPDATE credentials SET scopes = $2 WHERE id = $1', [
    credentialId,
    ['offline_access', '<b>', 'constructor'],
  ]);
  await fixture.integration('cy', 'plain', { name: 'never-said' });
  const { body } = await fixture.api('POST', '/v1/sessions', { userId: 'cy' });
  const browser = new Browser();
  const { text } = await browser.press(await browser.open(body.url ?? ''));
  expect(text.match(/<dt>Permissions<\/dt>/g)).toHaveLength(1);
  expect(textOf(text)).toContain(
    'Permissions Work while you are &lt;away&gt; &lt;b&gt; constructor',
  );
});
