import { randomToken, sha256 } from '../../../src/crypto/hash';
import { insertReconnectCode } from '../../../src/db/queries/people/reconnect-codes';
import { eventually } from '../../support/eventually';
import { whileShut } from '../../support/gate';
import { agree, Browser, type Landing } from '../browser';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { connect, credentialRow } from '../journey';
import { loggedSecrets } from '../logged-secrets';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterAll(() => fixture.close());

interface Dead {
  id: string;
  credentialId: string;
  /** What the notification has. */
  url: string;
}

/** Of an integration that was connected as `<user>@acme` and is dead. */
async function dead(userId: string, provider = 'acme', more = {}): Promise<Dead> {
  const { id, credentialId } = await fixture.integration(userId, provider, more);
  await connect(fixture, userId, id, `${userId}@acme`);
  await dies(credentialId);
  return { id, credentialId, url: await codeFor(id) };
}

const dies = (credentialId: string) =>
  fixture.pool.query(
    `UPDATE credentials SET state = 'dead', code = 'invalid_grant' WHERE id = $1`,
    [credentialId],
  );

async function codeFor(integrationId: string): Promise<string> {
  const code = randomToken(32);
  fixture.known.push(code);
  await insertReconnectCode(fixture.pool, {
    ...{ codeHash: sha256(code), integrationId, credentialName: 'main', lifetimeSeconds: 60 },
  });
  return `${fixture.publicUrl}/reconnect/${integrationId}?code=${code}`;
}

/** A browser that is signed in as that user. */
async function signedIn(userId: string): Promise<Browser> {
  const { body } = await fixture.api('POST', '/v1/sessions', { userId });
  const browser = new Browser();
  await browser.press(await browser.open(body.url ?? ''));
  return browser;
}

const hrefOf = ({ text, url }: Landing, label: string) => {
  const [, href] = new RegExp(`href="([^"]+)"[^>]*>\\s*${label}\\s*<`).exec(text) ?? [];
  if (href === undefined) throw new Error(`no way "${label}" in ${text}`);
  return new URL(href.replaceAll('&amp;', '&'), url);
};
const stateOf = async ({ credentialId }: Dead) => {
  const { rows } = await fixture.pool.query<{ state: string; version: number; account: string }>(
    'SELECT state, version, account_id AS account FROM credentials WHERE id = $1',
    [credentialId],
  );
  return rows[0];
};

test('S43 a code in a notification is used by the click alone, and reconnects without any session', async () => {
  const ada = await dead('ada');
  const scanner = new Browser();
  for (const method of ['GET', 'HEAD', 'GET'] as const) {
    expect((await scanner.step(ada.url, { method })).status).toBe(200);
  }
  const browser = new Browser();
  const page = await browser.open(ada.url);
  for (const word of ['Example &amp; Co', 'Reconnect Acme', 'ada@acme', 'asks Acme for']) {
    expect(page.text).toContain(word);
  }
  expect(page.headers.get('referrer-policy')).toBe('same-origin');
  const end = await agree(browser, await browser.press(page), 'ada@acme');
  expect(end.text).toContain('Acme is connected');
  // Nothing that leads to a session which isn't there.
  expect(end.text).toContain('href="https://app.example"');
  const cookies = [...(browser.cookies.get('127.0.0.1') ?? [])].map(([name]) => name);
  expect(cookies).toEqual([expect.stringMatching(/^holdfast-reconnect-/)]);
  expect(await stateOf(ada)).toEqual({ state: 'alive', version: 2, account: 'ada@acme' });

  const again = await new Browser().open(ada.url);
  expect([again.status, again.text]).toEqual([200, expect.stringContaining('Acme is connected')]);
  // It was for the death that is over.
  await dies(ada.credentialId);
  const late = await new Browser().open(ada.url);
  expect([late.status, late.text]).toEqual([410, expect.stringContaining('newer message')]);
  expect(late.text).not.toMatch(/<form|is connected/);
  expect(late.text).toContain('Go to Example &amp; Co');
  const newer = await new Browser().open(await codeFor(ada.id));
  expect(newer.text).toContain('Continue to Acme');
  expect(loggedSecrets(fixture)).toEqual([]);
});

test('S44 a code takes the account that is stored and no other, and this browser may try again', async () => {
  const bo = await dead('bo');
  const before = await credentialRow(fixture, bo.credentialId);
  const browser = new Browser();
  const end = await agree(browser, await browser.press(await browser.open(bo.url)), 'eve@acme');
  expect([end.status, end.text]).toEqual([409, expect.stringContaining('another Acme account')]);
  expect(await credentialRow(fixture, bo.credentialId)).toEqual(before);
  const used = await new Browser().open(bo.url);
  expect([used.status, used.text]).toEqual([410, expect.stringContaining('used already')]);

  // Signed in at the provider as eve: another browser's way of choosing the other account.
  const other = new Browser();
  const retry = await other.press(await other.open(hrefOf(end, 'Try again')));
  expect((await agree(other, retry, 'bo@acme')).text).toContain('Acme is connected');
  expect(await stateOf(bo)).toMatchObject({ state: 'alive', account: 'bo@acme' });
});

test('what fails at the provider can be tried again by the one who clicked, also when it took too long', async () => {
  const cy = await dead('cy');
  const browser = new Browser();
  fixture.server.nextExchange = 'server_error';
  let end = await agree(browser, await browser.press(await browser.open(cy.url)), 'cy@acme');
  expect(end.status).toBe(503);
  const pressed = await browser.press(await browser.open(hrefOf(end, 'Try again')));
  const { url: callback } = await agree(browser, pressed, 'cy@acme', fixture.isCallback);
  await fixture.pool.query(
    `UPDATE oauth_states SET expires_at = now() - interval '1 second' WHERE integration_id = $1`,
    [cy.id],
  );
  expect((await new Browser().open(callback)).text).not.toContain('code=');
  end = await browser.open(callback);
  expect(end.status).toBe(410);
  const last = await browser.press(await browser.open(hrefOf(end, 'Try again')));
  expect((await agree(browser, last, 'cy@acme')).text).toContain('Acme is connected');
});

test('who clicks twice, goes back or meets an outage goes on in the same browser, and nobody else does', async () => {
  const lu = await dead('lu');
  const browser = new Browser();
  const page = await browser.open(lu.url);
  const states = `SELECT FROM oauth_states WHERE integration_id = '${lu.id}' AND used_at IS NULL`;
  const refuses = `CREATE FUNCTION no_state() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'away' USING errcode = '57P01'; END $$;
    CREATE TRIGGER no_state BEFORE INSERT ON oauth_states FOR EACH ROW EXECUTE FUNCTION no_state()`;
  await fixture.pool.query(refuses);
  try {
    expect((await browser.press(page)).status).toBe(503);
  } finally {
    await fixture.pool.query('DROP FUNCTION no_state CASCADE');
  }
  // It is nobody's yet.
  expect((await new Browser().open(lu.url)).text).toContain('Continue to Acme');
  const first = await agree(browser, await browser.press(page), 'lu@acme', fixture.isCallback);
  const second = await browser.press(await browser.open(lu.url));
  expect((await fixture.pool.query(states)).rowCount).toBe(2);
  expect((await new Browser().open(lu.url)).status).toBe(410);
  const late = `UPDATE reconnect_codes SET expires_at = now() - interval '1 second' WHERE integration_id = $1`;
  await fixture.pool.query(late, [lu.id]);
  expect((await browser.open(lu.url)).text).toContain('Continue to Acme');

  expect((await agree(browser, second, 'lu@acme')).text).toContain('Acme is connected');
  // One reconnect, however often it was begun.
  const end = await browser.open(first.url);
  expect([end.status, end.text]).toEqual([409, expect.stringContaining('done already')]);
  expect(await stateOf(lu)).toMatchObject({ version: 2 });
  expect((await browser.open(lu.url)).text).not.toContain('<form');
});

test('a provider that does not say whose the tokens are has not said that they are the same account’s', async () => {
  const di = await dead('di', 'tenant', { parameters: { tenant: 'di' } });
  expect(await stateOf(di)).toMatchObject({ account: 'di' });
  const browser = new Browser();
  const page = await browser.press(await browser.open(di.url));
  const { url: callback } = await agree(browser, page, 'di@acme', fixture.isCallback);
  fixture.server.nextAccount = 'server_error';
  const end = await browser.open(callback);
  expect([end.status, end.text]).toEqual([409, expect.stringContaining('did not say which')]);
  expect(await stateOf(di)).toMatchObject({ state: 'dead', version: 1 });
  const again = await browser.press(await browser.open(hrefOf(end, 'Try again')));
  expect((await agree(browser, again, 'di@acme')).text).toContain('Tenant is connected');
});

test('a code that is expired, unknown, another’s or of what was deleted ends on a page that says what to do', async () => {
  const [ed, fay] = [await dead('ed'), await dead('fay')];
  const asked = async (url: string, method: 'GET' | 'POST' = 'GET') => {
    const headers = { origin: fixture.publicUrl };
    const { status, text } = await new Browser().open(url, { method, headers });
    expect(text).not.toContain('<form');
    expect(text).toContain('Go back to Example &amp; Co');
    return status;
  };
  const mixed = ed.url.replace(ed.id, fay.id);
  expect(await asked(mixed)).toBe(404);
  expect(await asked(mixed, 'POST')).toBe(404);
  expect(await asked(`${fixture.publicUrl}/reconnect/${ed.id}?code=never`)).toBe(404);
  await fixture.pool.query(
    `UPDATE reconnect_codes SET expires_at = now() - interval '1 second' WHERE integration_id = $1`,
    [ed.id],
  );
  expect(await asked(ed.url)).toBe(410);
  expect(await asked(ed.url, 'POST')).toBe(410);
  await fixture.pool.query('UPDATE integrations SET deleted_at = now() WHERE id = $1', [fay.id]);
  expect(await asked(fay.url)).toBe(404);
});

test('a code says "connected" only of what is: not where another credential is dead, or it is switched off', async () => {
  const liv = await dead('liv');
  await fixture.pool.query(`UPDATE credentials SET state = 'alive', code = NULL WHERE id = $1`, [
    liv.credentialId,
  ]);
  const told = async () => {
    const page = await new Browser().open(liv.url);
    expect(page.text).not.toContain('<form');
    return /<h1[^>]*>([^<]*)</.exec(page.text)?.[1]?.trim();
  };
  expect(await told()).toBe('Acme is connected');
  const status = (to: string) =>
    fixture.pool.query('UPDATE integrations SET status = $2 WHERE id = $1', [liv.id, to]);
  await status('DISABLED');
  expect(await told()).toBe('Acme is switched off');
  await status('ERROR');
  const other = await dead('liv', 'acme', { name: 'other' });
  await fixture.pool.query(
    `INSERT INTO integration_credentials (integration_id, name, credential_id) VALUES ($1, 'second', $2)`,
    [liv.id, other.credentialId],
  );
  expect(await told()).toBe('This link is out of date');
});

test('another site’s form uses no code up', async () => {
  const gil = await dead('gil');
  for (const headers of [{}, { origin: 'https://evil.example' }] as Record<string, string>[]) {
    expect((await new Browser().step(gil.url, { method: 'POST', headers })).status).toBe(403);
  }
  expect((await new Browser().open(gil.url)).text).toContain('Continue to Acme');
});

test('of two clicks at once one gets through', async () => {
  const hal = await dead('hal');
  const headers = { origin: fixture.publicUrl };
  const click = () => new Browser().step(hal.url, { method: 'POST', headers });
  const where = 'BEFORE UPDATE ON reconnect_codes FOR EACH ROW';
  const clicks: Promise<Response>[] = [];
  await whileShut({ pool: fixture.pool, where }, async (reached) => {
    clicks.push(click());
    await reached();
    // It has looked, too: the row is what decides.
    clicks.push(click());
    await eventually(async () => {
      const { rows } = await fixture.pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database()
         AND wait_event_type = 'Lock' AND query LIKE 'UPDATE reconnect_codes%'`,
      );
      expect(rows).toHaveLength(2);
    });
  });
  const statuses = await Promise.all(clicks);
  expect(statuses.map(({ status }) => status).sort()).toEqual([302, 410]);
});

test('who is signed in as its person needs no code; who is signed in as another is told so', async () => {
  const ivy = await dead('ivy');
  const own = await signedIn('ivy');
  const way = await own.open(ivy.url);
  expect(way.hops[1]).toContain(`/oauth/acme/start?integration=${ivy.id}`);
  const other = await signedIn('jo');
  for (const method of ['GET', 'POST'] as const) {
    const headers = { origin: fixture.publicUrl };
    const told = await other.open(ivy.url, { method, headers });
    expect([told.status, told.text]).toEqual([403, expect.stringContaining('/sign-out')]);
  }
  expect((await new Browser().open(ivy.url)).text).toContain('Continue to Acme');
});

test('S6 what is switched off is asked about before a reconnect switches it on', async () => {
  const kim = await dead('kim');
  await fixture.pool.query(
    `UPDATE integrations SET status = 'DISABLED', reason_code = 'switched_off' WHERE id = $1`,
    [kim.id],
  );
  const opened = async () => {
    const { rows } = await fixture.pool.query<{ resume: boolean }>(
      'SELECT resume FROM oauth_states WHERE integration_id = $1 AND used_at IS NULL',
      [kim.id],
    );
    return rows;
  };
  const browser = await signedIn('kim');
  const question = await browser.open(`${fixture.publicUrl}/reconnect/${kim.id}`);
  expect(question.text).toContain('Acme is switched off');
  expect(question.text).toContain('Your connections');
  expect(question.text).toContain('asks Acme for');
  expect(await opened()).toEqual([]);
  const { url } = question;
  const foreign = { method: 'POST', headers: { origin: 'https://evil.example' } } as const;
  expect((await browser.step(url, foreign)).status).toBe(403);
  expect(await opened()).toEqual([]);
  await browser.press(question);
  expect(await opened()).toEqual([{ resume: true }]);

  // By the code: the page that was open when it was switched off has not asked.
  const open = async () => (await opened()).length;
  const status = (to: string) =>
    fixture.pool.query('UPDATE integrations SET status = $2 WHERE id = $1', [kim.id, to]);
  await status('ERROR');
  const holder = new Browser();
  const early = await holder.open(kim.url);
  expect(early.text).toContain('Continue to Acme');
  await status('DISABLED');
  const asked = await holder.press(early);
  expect(asked.text).toContain('The button switches it on');
  expect(asked.text).toContain('Reconnect and switch on');
  expect(await open()).toBe(1);
  const end = await agree(holder, await holder.press(asked), 'kim@acme');
  expect(end.text).toContain('Acme is connected');
  const { rows } = await fixture.pool.query<{ resumes: boolean }>(
    `SELECT resume_version = 2 AS resumes FROM integration_credentials WHERE integration_id = $1`,
    [kim.id],
  );
  expect(rows).toEqual([{ resumes: true }]);
});
