import { agree, Browser } from '../browser';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { connect, credentialRow, link } from '../journey';
import { loggedSecrets } from '../logged-secrets';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterAll(() => fixture.close());

const returnTo = 'https://app.example/settings?tab=crm';
const confirm = { confirm: 'application', returnTo };

/** A person goes to the provider and back to the application. @returns what the application is brought */
async function brought(userId: string, login = `${userId}@acme`) {
  const { id, credentialId } = await fixture.integration(userId);
  const browser = new Browser();
  const pressed = await browser.press(await browser.open(await link(fixture, userId, id, confirm)));
  const isBack = (url: URL) => url.origin === 'https://app.example';
  const start = await agree(browser, pressed, login, fixture.isCallback);
  const lost = new Browser();
  lost.cookies.set('127.0.0.1', new Map(browser.cookies.get('127.0.0.1')));
  const { url } = await browser.open(start.url, {}, isBack);
  // Where that answer got lost, the next one leads to the same.
  expect((await lost.open(start.url, {}, isBack)).url.href).toBe(url.href);
  expect(`${url.origin}${url.pathname}?tab=${url.searchParams.get('tab') ?? ''}`).toBe(returnTo);
  return { browser, id, credentialId, code: url.searchParams.get('confirmation') ?? '' };
}

const ask = (code: string, userId: string) =>
  fixture.api('POST', '/v1/confirmations', { code, userId });

const refused = { status: 409, body: { error: { code: 'confirmation_expired' } } };

test("S59 the application's backend confirms what came back to it, once however often it asks, and for its own user", async () => {
  const { id, credentialId, code } = await brought('ada');
  expect(code).toMatch(/^[\w-]{43}$/);
  expect(await credentialRow(fixture, credentialId)).toMatchObject({ version: 0 });
  expect(await ask(code, 'bob')).toMatchObject(refused);
  expect(await ask(`${code}x`, 'ada')).toMatchObject(refused);
  // Not without its row in the audit; whose answer was lost is told again.
  await fixture.pool.query('ALTER TABLE audit RENAME TO elsewhere');
  const unrecorded = await ask(code, 'ada');
  await fixture.pool.query('ALTER TABLE elsewhere RENAME TO audit');
  expect(unrecorded.status).toBe(503);
  expect(await credentialRow(fixture, credentialId)).toMatchObject({ version: 0 });
  const both = await Promise.all([ask(code, 'ada'), ask(code, 'ada')]);
  for (const { status, body } of [...both, await ask(code, 'ada')]) {
    expect([status, body]).toEqual([200, { integrationId: id, accountId: 'ada@acme' }]);
  }
  expect(await ask(code, 'bob')).toMatchObject(refused);
  expect(await credentialRow(fixture, credentialId)).toMatchObject({
    ...{ version: 1, account_id: 'ada@acme' },
  });
  const { rows } = await fixture.pool.query(
    `SELECT actor_kind, actor_name, left(subject, 12) AS subject FROM audit
     WHERE action = 'credential.confirmed'`,
  );
  expect(rows).toEqual([
    { actor_kind: 'key', actor_name: 'HOLDFAST_API_KEYS', subject: 'integration:' },
  ]);
  // The account is known now: nobody is asked.
  expect((await connect(fixture, 'ada', id, 'ada@acme', confirm)).text).toContain('is connected');
});

test('under an Idempotency-Key the first answer is given again', async () => {
  const { id, code } = await brought('cy');
  const post = () =>
    fetch(`${fixture.publicUrl}/v1/confirmations`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer a-key-of-the-application-0123456789',
        'content-type': 'application/json',
        'idempotency-key': 'confirm-cy',
      },
      body: JSON.stringify({ code, userId: 'cy' }),
    });
  for (const answer of [await post(), await post()]) {
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ integrationId: id, accountId: 'cy@acme' });
  }
});

test('S59 neither code serves where the other is asked for', async () => {
  const application = await brought('dee');
  const path = `/oauth/acme/confirm?confirmation=${application.code}`;
  expect((await application.browser.open(fixture.publicUrl + path)).status).toBe(410);

  const { id } = await fixture.integration('eve');
  const browser = new Browser();
  const pressed = await browser.press(await browser.open(await link(fixture, 'eve', id)));
  const { url } = await agree(browser, pressed, 'eve@acme', fixture.isCallback);
  const code = (await browser.open(url)).url.searchParams.get('confirmation') ?? '';
  expect(code).toHaveLength(43);
  expect(await ask(code, 'eve')).toMatchObject(refused);
});

test('what took too long, or is of a deleted integration, is not to be confirmed', async () => {
  const late = await brought('fay');
  await fixture.pool.query(`UPDATE confirmations SET expires_at = now() WHERE user_id = 'fay'`);
  expect(await ask(late.code, 'fay')).toMatchObject(refused);

  const gone = await brought('gus');
  const headers = { authorization: 'Bearer a-key-of-the-application-0123456789' };
  await fetch(`${fixture.publicUrl}/v1/integrations/${gone.id}`, { method: 'DELETE', headers });
  expect(await ask(gone.code, 'gus')).toMatchObject(refused);
  const { rows } = await fixture.pool.query<{ user_id: string }>(
    `SELECT user_id, account_id FROM revocations UNION ALL
     SELECT user_id, 'still waiting' FROM confirmations WHERE user_id = 'gus'`,
  );
  expect(rows).toEqual([{ user_id: 'gus', account_id: 'gus@acme' }]);
});

test('S44 another account that was connected meanwhile is left alone', async () => {
  const { id, credentialId, code } = await brought('hal', 'one@acme');
  await connect(fixture, 'hal', id, 'two@acme');
  // Asked again, as after an answer that was lost, it says the same.
  for (const answer of [await ask(code, 'hal'), await ask(code, 'hal')]) {
    expect(answer).toMatchObject({
      ...{ status: 409, body: { error: { code: 'account_mismatch' } } },
    });
  }
  expect(await credentialRow(fixture, credentialId)).toMatchObject({ account_id: 'two@acme' });
  // No page names it.
  const { rows } = await fixture.pool.query(
    `SELECT account_id, account_label FROM confirmations WHERE outcome = 'account_mismatch'`,
  );
  expect(rows).toEqual([{ account_id: null, account_label: null }]);
});

test('a session whose application confirms says where it is asked to', async () => {
  const session = (more: object) =>
    fixture.api('POST', '/v1/sessions', { userId: 'ida', confirm: 'application', ...more });
  // A page of Holdfast itself would not confirm it.
  for (const where of [{}, { returnTo: `${fixture.publicUrl}/` }]) {
    expect(await session(where)).toMatchObject({
      ...{ status: 400, body: { error: { code: 'invalid_request' } } },
    });
  }
  expect((await session({ returnTo })).status).toBe(201);
});

test('an address that is not allowed any more is not sent to, and nothing waits for it', async () => {
  const { id } = await fixture.integration('jon');
  const browser = new Browser();
  const pressed = await browser.press(await browser.open(await link(fixture, 'jon', id, confirm)));
  const { url } = await agree(browser, pressed, 'jon@acme', fixture.isCallback);
  await fixture.pool.query(
    `UPDATE oauth_states SET return_to = 'https://evil.example/' WHERE integration_id = $1`,
    [id],
  );
  const end = await browser.open(url);
  expect(end.status).toBe(502);
  const { rows } = await fixture.pool.query(
    `SELECT expires_at <= now() AS late FROM confirmations WHERE user_id = 'jon'`,
  );
  expect(rows).toEqual([{ late: true }]);
});

test('S40 no token, code, state or link is in a log line', () => {
  expect(loggedSecrets(fixture)).toEqual([]);
  expect(fixture.logged.join('')).not.toMatch(/confirmation=/);
});
