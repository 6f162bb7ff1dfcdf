import { agree, Browser, confirm, type Landing } from '../browser';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { comingBack, connect, credentialRow, link } from '../journey';
import { loggedSecrets } from '../logged-secrets';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterAll(() => fixture.close());

const textOf = (page: string) => page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
const codeIn = ({ url }: Landing) => url.searchParams.get('confirmation') ?? '';

/** A browser that has come back, and is asked. */
async function isAsked(userId: string, login = `${userId}@acme`, more: object = {}) {
  const { id, credentialId } = await fixture.integration(userId);
  const browser = new Browser();
  const pressed = await browser.press(await browser.open(await link(fixture, userId, id, more)));
  const { url } = await agree(browser, pressed, login, fixture.isCallback);
  return { browser, page: await browser.open(url), id, credentialId };
}

async function waiting(userId: string) {
  const { rows } = await fixture.pool.query<{
    outcome: string | null;
    grant_tokens: Buffer | null;
  }>('SELECT outcome, grant_tokens FROM confirmations WHERE user_id = $1', [userId]);
  return rows;
}

const revocations = async (userId: string) =>
  (
    await fixture.pool.query<{ id: string }>(
      'SELECT credential_id AS id, account_id FROM revocations WHERE user_id = $1',
      [userId],
    )
  ).rows;

const nothing = { version: 0, state: 'missing', access_token: null, account_id: null };

test("S59 a link that was forwarded doesn't connect its victim's account: they see whose connection it is, and cancel", async () => {
  const { browser, page, id, credentialId } = await isAsked('mallory', 'victim@acme', {
    userLabel: 'Support <team>',
  });
  expect(page.status).toBe(200);
  expect(await credentialRow(fixture, credentialId)).toMatchObject(nothing);
  const text = textOf(page.text);
  for (const shown of [
    'Connect this Acme account?',
    'Account at Acme victim@acme',
    'Example &amp; Co',
    'Support &lt;team&gt;',
    'User id mallory',
  ]) {
    expect(text).toContain(shown);
  }
  // Where the code and the state were, nothing is left of them.
  expect(page.url.search).toBe(`?confirmation=${codeIn(page)}`);
  expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  const [access = ''] = fixture.server.issued.slice(-2);
  expect(page.text + page.hops.join()).not.toContain(access);
  const token = await fixture.api('GET', `/v1/integrations/${id}/token`);
  expect(token.status).toBe(424);

  const end = await confirm(browser, page, 'cancel');
  expect(end.status).toBe(200);
  expect(textOf(end.text)).toContain('Acme was not connected');
  expect(await credentialRow(fixture, credentialId)).toMatchObject(nothing);
  expect(await waiting('mallory')).toEqual([{ outcome: 'cancelled', grant_tokens: null }]);
  const [queued] = await revocations('mallory');
  expect(queued).toMatchObject({ account_id: 'victim@acme' });
  // A deletion of the same credential finds its own place in the outbox.
  expect(queued?.id).not.toBe(credentialId);
  // Cancelled is cancelled.
  await browser.press(page, { confirmation: codeIn(page), decision: 'connect' });
  expect(await credentialRow(fixture, credentialId)).toMatchObject(nothing);
});

test('S59 what is confirmed is stored once, however often it is pressed; the same account is not asked about again', async () => {
  const { browser, page, id, credentialId } = await isAsked('ada');
  const press = () => confirm(browser, page);
  const ends = await Promise.all([press(), press()]);
  for (const end of [...ends, await press(), await browser.open(page.url)]) {
    expect(end.status).toBe(200);
    expect(end.text).toContain('Acme is connected');
    expect(end.text).toContain('ada@acme');
  }
  const answer = await browser.step(page.url, {
    ...{ method: 'POST', headers: { origin: fixture.publicUrl } },
    form: { confirmation: codeIn(page), decision: 'connect' },
  });
  expect(answer.status).toBe(303);
  expect(await credentialRow(fixture, credentialId)).toMatchObject({
    ...{ version: 1, state: 'alive', account_id: 'ada@acme', account_proven: true },
    consented_at: expect.any(Date) as Date,
  });
  expect(await waiting('ada')).toEqual([{ outcome: 'connected', grant_tokens: null }]);
  expect(await revocations('ada')).toEqual([]);

  const reconnect = await browser.open(`${fixture.publicUrl}/reconnect/${id}`);
  const again = await agree(browser, reconnect, 'ada@acme');
  expect(again.url.pathname).toBe('/oauth/acme/callback');
  expect(again.text).toContain('Acme is connected');
  expect(await credentialRow(fixture, credentialId)).toMatchObject({ version: 2 });
});

test('S59 neither another browser, nor another session, nor another site confirms it', async () => {
  const { browser, page, credentialId } = await isAsked('bo');
  const other = new Browser();
  for (const end of [await other.open(page.url), await confirm(other, page)]) {
    expect(end.status).toBe(410);
    expect(end.text).not.toContain('bo@acme');
  }
  const form = { confirmation: codeIn(page), decision: 'connect' };
  for (const origin of ['https://evil.example', 'null']) {
    const end = await browser.open(page.url, { method: 'POST', form, headers: { origin } });
    expect(end.status).toBe(403);
  }
  const own = { origin: fixture.publicUrl };
  for (const [fields, status] of [
    [{ ...form, decision: 'perhaps' }, 400],
    [{ decision: 'connect' }, 400],
    [{ ...form, confirmation: `${form.confirmation}x` }, 400],
    [{ ...form, more: 'x'.repeat(5_000) }, 413],
  ] as const) {
    const end = await browser.open(page.url, { method: 'POST', form: fields, headers: own });
    expect(end.status).toBe(status);
  }
  const elsewhere = page.url.href.replace('/acme/', '/lazy/');
  expect((await browser.open(elsewhere)).status).toBe(410);

  // The same browser, signed in as somebody else since.
  const { body } = await fixture.api('POST', '/v1/sessions', { userId: 'somebody' });
  await browser.press(await browser.open(body.url ?? ''));
  const foreign = await confirm(browser, page);
  expect(foreign.status).toBe(403);
  expect(foreign.text).toContain('signed in as someone else');
  expect(await credentialRow(fixture, credentialId)).toMatchObject(nothing);
});

test('S59 where the provider does not say whose the tokens are nobody is told that it did, and a reconnect asks again', async () => {
  const { id, credentialId } = await fixture.integration('kay', 'tenant', {
    parameters: { tenant: 'kay' },
  });
  const setOut = async (browser: Browser, probe: 'server_error' | 'normal') => {
    const pressed = await browser.press(await browser.open(await link(fixture, 'kay', id)));
    const { url } = await agree(browser, pressed, 'victim@acme', fixture.isCallback);
    fixture.server.nextAccount = probe;
    return browser.open(url);
  };
  const accounts = async () => {
    const { rows } = await fixture.pool.query<object>(
      `SELECT account_id FROM confirmations WHERE user_id = 'kay'`,
    );
    return rows;
  };
  const browser = new Browser();
  const first = await setOut(browser, 'server_error');
  expect(textOf(first.text)).toContain('Account at Tenant Not known: Tenant does not say');
  expect(await accounts()).toEqual([{ account_id: null }]);
  expect((await confirm(browser, first)).text).toContain('Tenant is connected');
  expect(await credentialRow(fixture, credentialId)).toMatchObject({
    ...{ version: 1, account_id: 'kay', account_proven: false },
  });

  // The integration's own parameter is the stored account, whoever agreed.
  const forwarded = await setOut(new Browser(), 'server_error');
  expect(textOf(forwarded.text)).toContain('Account at Tenant Not known: Tenant does not say');
  expect(await credentialRow(fixture, credentialId)).toMatchObject({ version: 1 });

  const proven = await setOut(browser, 'normal');
  expect(proven.text).toContain('Tenant is connected');
  expect(await credentialRow(fixture, credentialId)).toMatchObject({
    ...{ version: 2, account_proven: true },
  });
});

test('S59 after ten minutes it is too late, and the browser still has the cookie by which it is told so', async () => {
  const { browser, page, credentialId } = await isAsked('cy');
  const { browser: other, callback, id } = await comingBack(fixture, 'lou');
  const start = `${fixture.publicUrl}/oauth/acme/start?integration=${id}`;
  for (const address of [start, callback]) {
    const { headers } = await other.step(address);
    expect(headers.getSetCookie()).toContainEqual(expect.stringMatching(/-oauth-.*Max-Age=86400/));
  }
  const { rows } = await fixture.pool.query(
    `SELECT extract(epoch FROM expires_at - created_at)::float8 AS seconds
     FROM confirmations WHERE user_id = 'cy'`,
  );
  expect(rows).toEqual([{ seconds: 600 }]);
  await fixture.pool.query(`UPDATE confirmations SET expires_at = now() WHERE user_id = 'cy'`);
  for (const end of [await confirm(browser, page), await browser.open(page.url)]) {
    expect(end.status).toBe(410);
    expect(end.text).toContain('within ten minutes');
    expect(end.text).toContain('Try again');
  }
  expect(await credentialRow(fixture, credentialId)).toMatchObject(nothing);
});

test('S59 the end of its session ends it', async () => {
  const { browser, page, credentialId } = await isAsked('dan');
  const { rows } = await fixture.pool.query<{ id: string }>(
    `SELECT id FROM sessions WHERE user_id = 'dan'`,
  );
  const headers = { authorization: 'Bearer a-key-of-the-application-0123456789' };
  const path = `${fixture.publicUrl}/v1/sessions/${rows[0]?.id ?? ''}`;
  expect((await fetch(path, { method: 'DELETE', headers })).status).toBe(204);
  expect((await confirm(browser, page)).status).toBe(410);
  expect(await credentialRow(fixture, credentialId)).toMatchObject(nothing);
});

test("S59 a callback in another user's session is refused, and its code is not used", async () => {
  const { browser, callback, credentialId } = await comingBack(fixture, 'dee');
  const { body } = await fixture.api('POST', '/v1/sessions', { userId: 'eve' });
  await browser.press(await browser.open(body.url ?? ''));
  const issued = fixture.server.issued.length;
  const end = await browser.open(callback);
  expect(end.status).toBe(403);
  expect(end.text).toContain('signed in as someone else');
  expect(fixture.server.issued).toHaveLength(issued);
  expect(await waiting('dee')).toEqual([]);
  expect(await credentialRow(fixture, credentialId)).toMatchObject(nothing);
});

test('S43 a browser whose session is over comes back and confirms by the cookie of its state', async () => {
  const { browser, callback, credentialId } = await comingBack(fixture, 'fay');
  await fixture.pool.query(`DELETE FROM sessions WHERE user_id = 'fay'`);
  const end = await confirm(browser, await browser.open(callback));
  expect(end.text).toContain('Acme is connected');
  expect(await credentialRow(fixture, credentialId)).toMatchObject({ version: 1 });
});

/** The button only leads on, to what says the same each time that it is loaded. */
async function sees(browser: Browser, page: Landing, status: number): Promise<string> {
  const form = { confirmation: codeIn(page), decision: 'connect' };
  const headers = { origin: page.url.origin };
  const pressed = await browser.step(page.url, { method: 'POST', form, headers });
  expect([pressed.status, pressed.headers.get('location')]).toEqual([
    303,
    page.url.pathname + page.url.search,
  ]);
  const ends = [await browser.open(page.url), await confirm(browser, page)];
  ends.push(await browser.open(page.url));
  expect(ends.map((end) => end.status)).toEqual([status, status, status]);
  expect(new Set(ends.map(({ text }) => text)).size).toBe(1);
  return textOf(ends[0]?.text ?? '');
}

test('S44 of two browsers with two accounts the first to be confirmed decides; the other is told, and revoked', async () => {
  const { browser, page, id, credentialId } = await isAsked('gus', 'one@acme');
  await connect(fixture, 'gus', id, 'two@acme');
  const text = await sees(browser, page, 409);
  expect(text).toContain('Expected two@acme You chose one@acme Nothing was changed');
  expect(await waiting('gus')).toContainEqual({ outcome: 'account_mismatch', grant_tokens: null });
  expect(await credentialRow(fixture, credentialId)).toMatchObject({
    ...{ version: 1, account_id: 'two@acme' },
  });
  expect(await revocations('gus')).toMatchObject([{ account_id: 'one@acme' }]);
});

test('S59 whoever comes back once more, since the answer was lost or by the back button, is asked again, or told what became of it', async () => {
  const { browser, callback, credentialId } = await comingBack(fixture, 'pat');
  const before = new Map(browser.cookies.get('127.0.0.1'));
  const page = await browser.open(callback);
  const issued = fixture.server.issued.length;
  const lost = new Browser();
  lost.cookies.set('127.0.0.1', before);
  for (const again of [await browser.open(callback), await lost.open(callback)]) {
    expect([again.status, again.url.href]).toEqual([200, page.url.href]);
    expect(again.text).toContain('Connect this Acme account?');
  }
  const foreign = await new Browser().open(callback);
  expect([foreign.status, foreign.url.pathname]).toEqual([409, '/oauth/acme/callback']);
  await confirm(lost, await lost.open(page.url));
  expect((await browser.open(callback)).text).toContain('Acme is connected');
  expect(fixture.server.issued).toHaveLength(issued);
  expect(await credentialRow(fixture, credentialId)).toMatchObject({ version: 1 });

  const { body } = await fixture.api('POST', '/v1/sessions', { userId: 'quinn' });
  await browser.press(await browser.open(body.url ?? ''));
  expect((await browser.open(callback)).status).toBe(403);
});

test('S6 what was switched off since its person set out says that it is switched on', async () => {
  const { browser, page, id, credentialId } = await isAsked('rae');
  expect(page.text).not.toContain('switched off');
  await fixture.pool.query(
    `UPDATE integrations SET status = 'DISABLED', reason_code = 'switched_off' WHERE id = $1`,
    [id],
  );
  // The button of a page that did not say so leads to one that does.
  const asked = await confirm(browser, page);
  expect(asked.text).toContain('switched off. Connect switches it on');
  expect(await credentialRow(fixture, credentialId)).toMatchObject(nothing);
  expect((await confirm(browser, asked)).text).toContain('Acme is connected');
  expect(await credentialRow(fixture, credentialId)).toMatchObject({ version: 1 });
  const more = { resume: false };
  const { browser: sams, page: other, id: stays } = await isAsked('sam', 'sam@acme', more);
  await fixture.pool.query(`UPDATE integrations SET status = 'DISABLED' WHERE id = $1`, [stays]);
  const question = (await sams.open(other.url)).text;
  expect(question).toContain('this Acme account?');
  expect(question).not.toContain('switches it on');
});

test('S59 what can not be stored any more says why, each time that it is loaded', async () => {
  const { browser, page, credentialId } = await isAsked('jo');
  const { browser: other, callback } = await comingBack(fixture, 'moe');
  fixture.server.nextExchange = 'endless';
  const poor = await other.open(callback);
  await fixture.pool.query(`UPDATE credentials SET refresh_token = 'sealed' WHERE user_id = 'moe'`);
  expect(await sees(other, poor, 409)).toContain('Acme did not allow lasting access');
  expect(await revocations('moe')).toMatchObject([{ account_id: 'moe@acme' }]);

  // Its name leads to another credential since.
  await fixture.pool.query(
    `UPDATE integration_credentials l SET credential_id = c.id FROM credentials c
     WHERE c.user_id = 'moe' AND l.credential_id = '${credentialId}'`,
  );
  expect(await sees(browser, page, 404)).toContain('There is no such connection of yours');
  expect(await revocations('jo')).toMatchObject([{ account_id: 'jo@acme' }]);
});

test('S59 of what was not connected nothing of its account stays', async () => {
  const { browser, page } = await isAsked('nan', 'victim-2@acme');
  await confirm(browser, page, 'cancel');
  const { rows } = await fixture.pool.query<{ row: string }>(
    `SELECT c::text AS row FROM confirmations c WHERE user_id = 'nan'`,
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]?.row).not.toContain('victim-2');
});

test('S59 what another credential of the account has is not revoked', async () => {
  const first = await fixture.integration('hal', 'acme', { name: 'first' });
  await connect(fixture, 'hal', first.id, 'hal@acme');
  const { browser, page } = await isAsked('ivy', 'hal@acme');
  await confirm(browser, page, 'cancel');
  expect(await revocations('ivy')).toEqual([]);
});

test('S40 no token, code, state or link is in a log line', () => {
  expect(loggedSecrets(fixture)).toEqual([]);
  expect(fixture.logged.join('')).not.toMatch(/confirmation=/);
});
