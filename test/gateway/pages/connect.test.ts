import { agree, Browser } from '../browser';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { connect, credentialRow, link } from '../journey';
import { signalsOf } from '../signals';
import { loggedSecrets } from '../logged-secrets';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterAll(() => fixture.close());

test('a person connects an account from the link to the last page', async () => {
  const { id, credentialId } = await fixture.integration('ada');
  const browser = new Browser();
  const page = await browser.open(
    await link(fixture, 'ada', id, {
      userLabel: '<Ada>',
      returnTo: 'https://app.example/settings',
    }),
  );
  expect(page.status).toBe(200);
  expect(page.text).toContain('Example &amp; Co');
  expect(page.text).toContain('&lt;Ada&gt;');
  expect(page.text).toContain('Continue to Acme');

  const end = await agree(browser, await browser.press(page), 'ada@acme');
  expect(end.status).toBe(200);
  expect(end.text).toContain('Acme is connected');
  expect(end.text).toContain('ada@acme');
  expect(end.text).toContain('href="https://app.example/settings"');

  const stored = await credentialRow(fixture, credentialId);
  expect(stored).toMatchObject({ version: 1, state: 'alive', code: null, account_id: 'ada@acme' });
  expect(stored.refresh_at.getTime()).toBeLessThan(stored.expires_at.getTime());
  const token = await fixture.api('GET', `/v1/integrations/${id}/token`);
  expect(token).toMatchObject({ status: 200, body: { version: 1 } });
  expect(fixture.server.issued).toContain(token.body.accessToken);
  await expect(signalsOf(fixture, `credential:${credentialId}`)).resolves.toContainEqual({
    name: 'stored',
    input: { version: 1, why: 'stored' },
  });
  await expect(signalsOf(fixture, `integration:${id}`)).resolves.toContainEqual({
    name: 'reauthorized',
    input: { credentialId, version: 1, resume: true },
  });
});

test('a reconnect resumes its own integration, and tells the others without resuming them', async () => {
  const { id, credentialId } = await fixture.integration('bo');
  const shared = await fixture.api('POST', '/v1/integrations', {
    ...{ userId: 'bo', name: 'second', provider: 'acme', handler: 'sync' },
    credentials: { main: { id: credentialId } },
  });
  expect(shared.status).toBe(201);
  await connect(fixture, 'bo', id, 'bo@acme');

  const { rows } = await fixture.pool.query(
    'SELECT integration_id, resume_version FROM integration_credentials WHERE credential_id = $1',
    [credentialId],
  );
  expect(rows).toEqual(
    expect.arrayContaining([
      { integration_id: id, resume_version: 1 },
      { integration_id: shared.body.id, resume_version: null },
    ]),
  );
  await expect(signalsOf(fixture, `integration:${shared.body.id}`)).resolves.toContainEqual({
    name: 'reauthorized',
    input: { credentialId, version: 1 },
  });
});

test('the application can ask that a reconnect resumes nothing', async () => {
  const { id, credentialId } = await fixture.integration('cy');
  await fixture.pool.query(
    `UPDATE integrations SET status = 'DISABLED', reason_code = 'switched_off' WHERE id = $1`,
    [id],
  );
  const end = await connect(fixture, 'cy', id, 'cy@acme', { resume: false });
  expect(end.text).toContain('still switched off');
  const { rows } = await fixture.pool.query(
    'SELECT resume_version FROM integration_credentials WHERE integration_id = $1',
    [id],
  );
  expect(rows).toEqual([{ resume_version: null }]);
  await expect(signalsOf(fixture, `integration:${id}`)).resolves.toContainEqual({
    name: 'reauthorized',
    input: { credentialId, version: 1 },
  });
});

test('a provider whose metadata cannot be read ends on a page', async () => {
  const { status, body } = await fixture.api('POST', '/v1/integrations', {
    ...{ userId: 'sue', name: 'main', provider: 'gone', handler: 'sync' },
  });
  expect(status).toBe(201);
  const browser = new Browser();
  const end = await browser.press(await browser.open(await link(fixture, 'sue', body.id)));
  expect(end.status).toBe(503);
  expect(end.text).toContain('Gone does not answer');
});

test("a person can't start, or reconnect, somebody else's integration", async () => {
  const mine = await fixture.integration('tia');
  const theirs = await fixture.integration('uma');
  const browser = new Browser();
  await browser.press(await browser.open(await link(fixture, 'tia', mine.id)));
  for (const path of [`/oauth/acme/start?integration=${theirs.id}`, `/reconnect/${theirs.id}`]) {
    // At once, not only where it leads to.
    const end = await browser.step(`${fixture.publicUrl}${path}`);
    expect(end.status).toBe(404);
    expect(await end.text()).toContain('no such connection of yours');
  }
  const reconnect = await browser.open(`${fixture.publicUrl}/reconnect/${mine.id}`);
  expect(reconnect.url.origin).toBe(fixture.server.issuer);
});

test('S40 no token, code, state or link is in a log line', () => {
  expect(loggedSecrets(fixture)).toEqual([]);
});
