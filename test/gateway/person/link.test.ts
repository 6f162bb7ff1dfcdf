import { sha256 } from '../../../src/crypto/hash';
import { readEvents } from '../../support/event-reader';
import { application, cookieByLink, cookieOf, session } from '../as-person';
import { Browser } from '../browser';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { loggedSecrets } from '../logged-secrets';

let fixture: IdentityFixture;
let id: string;
beforeAll(async () => {
  fixture = await identityFixture();
  ({ id } = await fixture.integration('ada'));
});
afterAll(() => fixture.close());

type Headers = Record<string, string>;

async function trade(headers: Headers, body: object = {}, userId = 'ada', name = 'main') {
  const path = `/api/users/${userId}/connectors/${name}/link`;
  const answer = await fetch(fixture.publicUrl + path, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const made = (await answer.json()) as {
    url: string;
    expiresAt: string;
    error?: { code: string };
  };
  if (answer.ok) fixture.known.push(made.url.slice(-43));
  return { status: answer.status, code: made.error?.code, ...made };
}

async function stored(url: string): Promise<Record<string, unknown>> {
  const { rows } = await fixture.pool.query(
    `SELECT s.*, p.token_hash AS parent_token_hash, s.expires_at = p.expires_at AS ends_together
       FROM sessions s LEFT JOIN sessions p ON p.id = s.parent_id WHERE s.link_hash = $1`,
    [sha256(url.slice(-43))],
  );
  return rows[0] as Record<string, unknown>;
}

const tokenOf = ({ authorization = '' }: Headers) => authorization.slice('Bearer '.length);

test('a link that an API key asks for has its row in the audit, one of a session has none', async () => {
  const bearer = await session(fixture, 'ada');
  const sessions = async () =>
    (
      await fixture.pool.query<{ name: string; subject: string }>(
        `SELECT actor_name AS name, subject FROM audit WHERE action = 'session.created'`,
      )
    ).rows;
  const before = await sessions();
  expect(before).toHaveLength(1);
  expect((await trade(bearer)).status).toBe(201);
  expect(await sessions()).toEqual(before);
  expect((await trade(application)).status).toBe(201);
  expect(await sessions()).toEqual([...before, ...before]);
  await fixture.pool.query('ALTER TABLE audit RENAME TO elsewhere');
  const without = await trade(application).finally(() =>
    fixture.pool.query('ALTER TABLE elsewhere RENAME TO audit'),
  );
  expect(without).toMatchObject({ status: 503, code: 'database_unavailable' });
});

test('a bearer becomes a link of the same rights, for that integration, which ends with it', async () => {
  const returnTo = 'https://app.example/confirms';
  const more = {
    ...{ scope: 'read', userLabel: 'Ada L.', resume: false },
    ...{ confirm: 'application', returnTo },
  };
  const bearer = await session(fixture, 'ada', more);
  // What handles the confirmation is not for the bearer's holder to say.
  const { status, url, expiresAt } = await trade(bearer, {
    returnTo: 'https://app.example/orders',
  });
  expect(status).toBe(201);
  expect(url).toMatch(new RegExp(`^${fixture.publicUrl}/s/[\\w-]{43}$`));
  const leftMs = Date.parse(expiresAt) - Date.now();
  expect(leftMs).toBeGreaterThan(590_000);
  expect(leftMs).toBeLessThanOrEqual(600_000);
  expect(await stored(url)).toMatchObject({
    ...{ user_id: 'ada', user_label: 'Ada L.', scope: 'read', confirm: 'application' },
    ...{ resume: false, integration_id: id, return_to: returnTo, ends_together: true },
    parent_token_hash: sha256(tokenOf(bearer)),
  });

  const browser = new Browser();
  const page = await browser.open(url);
  expect(page.text).toContain('Continue to Acme');
  const started = await browser.press(page, {}, ({ origin }) => origin !== fixture.publicUrl);
  expect(started.hops.map((hop) => new URL(hop).pathname)).toContain('/oauth/acme/start');
  expect((await browser.open(url)).status).toBe(410);
});

test('the way back is the page that is named, else the asking session’s; a link never outlasts it', async () => {
  const returnTo = 'https://app.example/';
  const page = 'https://app.example/orders?page=2#top';
  const other = await trade(await session(fixture, 'ada', { returnTo }), { returnTo: page });
  expect(await stored(other.url)).toMatchObject({ return_to: page });
  const bearer = await session(fixture, 'ada', { returnTo, expiresInSeconds: 60 });
  const { url, expiresAt } = await trade(bearer);
  expect(await stored(url)).toMatchObject({ return_to: returnTo, ends_together: true });
  expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(60_000);
});

test('the cookie of Holdfast’s own page may ask, another page’s may not; the application may, for anyone', async () => {
  const cookie = await cookieOf(fixture, 'ada', { scope: 'read' });
  expect(await trade({ ...cookie, origin: 'https://app.example' })).toMatchObject({ status: 403 });
  const own = await trade({ ...cookie, origin: fixture.publicUrl });
  expect(await stored(own.url)).toMatchObject({ scope: 'read', user_id: 'ada' });
  const { url } = await trade(application);
  expect(await stored(url)).toMatchObject({ parent_id: null, scope: 'delete', user_id: 'ada' });
});

test.each([
  [
    'an origin that is not listed',
    { returnTo: 'https://evil.example/' },
    'main',
    400,
    'invalid_request',
  ],
  ['a script', { returnTo: 'javascript:alert(1)' }, 'main', 400, 'invalid_request'],
  [
    'too long an address',
    { returnTo: `https://app.example/${'x'.repeat(2_048)}` },
    'main',
    400,
    'invalid_request',
  ],
  ['a property that is not known', { scope: 'delete' }, 'main', 400, 'invalid_request'],
  ['a name that nobody has', {}, 'constructor', 404, 'integration_not_found'],
  ['what has no OAuth', {}, 'hooks', 400, 'invalid_request'],
])('refused: %s', async (_what, body, name, status, code) => {
  if (name === 'hooks') {
    const fields = { userId: 'ada', name, provider: 'hooks', handler: 'sync' };
    await fixture.api('POST', '/v1/integrations', fields);
  }
  expect(await trade(await session(fixture, 'ada'), body, 'ada', name)).toMatchObject({
    status,
    code,
  });
});

test('nobody gets a link for another person, nor after the session', async () => {
  expect(await trade(await session(fixture, 'eve'))).toMatchObject({ status: 403 });
  expect(await trade({})).toMatchObject({ status: 401 });
  const bearer = await session(fixture, 'ada');
  await fixture.pool.query('DELETE FROM sessions WHERE token_hash = $1', [sha256(tokenOf(bearer))]);
  expect(await trade(bearer)).toMatchObject({ status: 401 });
});

test('who asks again and again keeps the last twenty links, and those that were followed', async () => {
  const bearer = await session(fixture, 'ada');
  const { url: followed } = await trade(bearer);
  const cookie = await cookieByLink(fixture, followed);
  const urls: string[] = [];
  for (let asked = 0; asked < 22; asked += 1) urls.push((await trade(bearer)).url);
  const { rows } = await fixture.pool.query(
    `SELECT FROM sessions s JOIN sessions p ON p.id = s.parent_id WHERE p.token_hash = $1`,
    [sha256(tokenOf(bearer))],
  );
  expect(rows).toHaveLength(21);
  const opened = await Promise.all(
    [urls[0], urls[1], urls[2], urls[21]].map(async (url) => (await fetch(url ?? '')).status),
  );
  expect(opened).toEqual([404, 404, 200, 200]);
  // What asks by a traded session counts for the one that it came from.
  const { url } = await trade({ ...cookie, origin: fixture.publicUrl });
  expect(await stored(url)).toMatchObject({ parent_token_hash: sha256(tokenOf(bearer)) });
});

describe('a session that is ended', () => {
  it('takes along its link, those that were traded for it, their cookies, streams, and what was begun', async () => {
    await fixture.integration('gus');
    const { body } = await fixture.api('POST', '/v1/sessions', { userId: 'gus' });
    const bearer = { authorization: `Bearer ${body.token}` };
    const { url: waiting } = await trade(bearer, {}, 'gus');
    const cookie = await cookieByLink(fixture, (await trade(bearer, {}, 'gus')).url);
    const browser = new Browser();
    const page = await browser.open((await trade(bearer, {}, 'gus')).url);
    const atProvider = await browser.press(page, {}, ({ origin }) => origin !== fixture.publicUrl);
    const streams = await Promise.all(
      [bearer, cookie].map((headers) =>
        readEvents(`${fixture.publicUrl}/api/users/gus/events`, headers),
      ),
    );
    const other = await session(fixture, 'gus');

    expect((await end(`/v1/sessions/${body.id}`)).status).toBe(204);
    await Promise.all(streams.map((stream) => stream.ended));
    for (const stream of streams) stream.close();
    expect(await trade(bearer, {}, 'gus')).toMatchObject({ status: 401 });
    expect((await fetch(waiting)).status).toBe(404);
    expect((await fetch(body.url ?? '')).status).toBe(404);
    const { status } = await fetch(`${fixture.publicUrl}/api/users/gus/pause`, { headers: cookie });
    expect(status).toBe(401);
    const state = atProvider.url.searchParams.get('state') ?? '';
    const callback = `${fixture.publicUrl}/oauth/acme/callback?code=x&state=${state}`;
    const { status: back, text } = await browser.open(callback);
    expect({ back, text }).toEqual({
      back: 410,
      text: expect.stringContaining('took too long') as string,
    });
    expect(await trade(other, {}, 'gus')).toMatchObject({ status: 201 });
  });

  it('is ended with all of its person’s, and of nobody else', async () => {
    await fixture.integration('hal');
    const own = [await session(fixture, 'hal'), await session(fixture, 'hal')];
    const ada = await session(fixture, 'ada');
    expect((await end('/v1/users/hal/sessions')).status).toBe(204);
    for (const bearer of own) expect(await trade(bearer, {}, 'hal')).toMatchObject({ status: 401 });
    expect(await trade(ada)).toMatchObject({ status: 201 });
    expect((await end('/v1/users/nobody/sessions')).status).toBe(204);
  });

  it.each([
    ['/v1/sessions/ses_unknown', 404, 'session_not_found'],
    ['/v1/sessions/int_unknown', 400, 'invalid_request'],
    ['/v1/sessions/ses_%00', 400, 'invalid_request'],
    ['/v1/users/%20x/sessions', 400, 'invalid_request'],
  ])('%s: %d', async (path, status, code) => {
    const answer = await end(path);
    expect([answer.status, answer.code]).toEqual([status, code]);
  });

  async function end(path: string) {
    const answer = await fetch(fixture.publicUrl + path, {
      method: 'DELETE',
      headers: application,
    });
    const text = await answer.text();
    const { error } = JSON.parse(text === '' ? '{}' : text) as { error?: { code: string } };
    return { status: answer.status, code: error?.code };
  }
});

test('of what a session has begun at providers twenty can come back, the last ones', async () => {
  const cookie = await cookieOf(fixture, 'ada');
  const { rows: before } = await fixture.pool.query('SELECT FROM oauth_states');
  const states: string[] = [];
  for (let begun = 0; begun < 22; begun += 1) {
    const answer = await fetch(`${fixture.publicUrl}/oauth/acme/start?integration=${id}`, {
      ...{ headers: cookie, redirect: 'manual' },
    });
    states.push(new URL(answer.headers.get('location') ?? '').searchParams.get('state') ?? '');
  }
  const { rows } = await fixture.pool.query<{ state_hash: Buffer }>(
    'SELECT state_hash FROM oauth_states WHERE state_hash = ANY ($1)',
    [states.map((state) => sha256(state))],
  );
  const left = new Set(rows.map(({ state_hash }) => state_hash.toString('hex')));
  expect(states.map((state) => left.has(sha256(state).toString('hex')))).toEqual(
    states.map((_state, index) => index >= 2),
  );
  const { rows: after } = await fixture.pool.query('SELECT FROM oauth_states');
  expect(after).toHaveLength(before.length + 20);
});

test('of what a session begins at once twenty are open, too', async () => {
  const cookie = await cookieOf(fixture, 'ada');
  const begin = () =>
    fetch(`${fixture.publicUrl}/oauth/acme/start?integration=${id}`, {
      ...{ headers: cookie, redirect: 'manual' },
    });
  const { rows: before } = await fixture.pool.query('SELECT FROM oauth_states');
  const answers = await Promise.all(Array.from({ length: 40 }, begin));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([302]));
  const { rows: after } = await fixture.pool.query('SELECT FROM oauth_states');
  expect(after).toHaveLength(before.length + 20);
});

test('S40 no link is in a log line', () => {
  expect(loggedSecrets(fixture)).toEqual([]);
});
