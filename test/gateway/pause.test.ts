import { putOperatorHold, removeOperatorHold } from '../../src/db/queries/hold-operator';
import { Browser } from './browser';
import { type IdentityFixture, identityFixture } from './identity-fixture';
import { link } from './journey';
import { signalsOf } from './signals';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterEach(() => fixture.pool.query('DELETE FROM holds'));
afterAll(() => fixture.close());

interface Pause {
  paused: boolean;
  reason: string | null;
  pausedAt: string | null;
  by: 'user' | 'operator' | null;
  error?: { code: string; message: string };
}

type Method = 'GET' | 'PUT';

/** As whoever the headers say; a PUT pauses. */
async function ask(
  method: Method,
  userId: string,
  headers: Record<string, string>,
  body: unknown = { paused: true, reason: 'on holiday' },
) {
  const answer = await fetch(`${fixture.publicUrl}/api/users/${userId}/pause`, {
    method,
    headers: { ...(method === 'PUT' ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(method === 'PUT' ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, body: (await answer.json()) as Pause, headers: answer.headers };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function session(userId: string): Promise<Record<string, string>> {
  const { body } = await fixture.api('POST', '/v1/sessions', { userId });
  return bearer(body.token ?? '');
}

/** A browser that has followed the link of a session. @returns its cookie */
async function cookieOf(userId: string): Promise<Record<string, string>> {
  const { id } = await fixture.integration(userId);
  const browser = new Browser();
  const headers = { origin: fixture.publicUrl };
  await browser.step(await link(fixture, userId, id), { method: 'POST', headers });
  const [jar] = browser.cookies.values();
  return { cookie: [...(jar ?? [])].map((pair) => pair.join('=')).join('; ') };
}

const application = bearer('a-key-of-the-application-0123456789');
const none: Pause = { paused: false, reason: null, pausedAt: null, by: null };

test('a person pauses, is told so, gives another reason and goes on', async () => {
  const ada = await session('ada');
  expect((await ask('GET', 'ada', ada)).body).toEqual(none);
  const paused = await ask('PUT', 'ada', ada);
  expect(paused).toMatchObject({
    status: 200,
    body: {
      paused: true,
      reason: 'on holiday',
      by: 'user',
      pausedAt: expect.any(String) as string,
    },
  });
  expect(Math.abs(Date.parse(paused.body.pausedAt ?? '') - Date.now())).toBeLessThan(60_000);
  expect(paused.headers.get('cache-control')).toBe('no-store');
  expect((await ask('GET', 'ada', ada)).body).toEqual(paused.body);
  const renamed = await ask('PUT', 'ada', ada, { paused: true, reason: 'moving house' });
  expect(renamed.body).toEqual({ ...paused.body, reason: 'moving house' });
  for (const silent of [{ paused: true }, { paused: true, reason: null }]) {
    expect((await ask('PUT', 'ada', ada, silent)).body).toEqual({ ...paused.body, reason: null });
  }
  // Nobody else is.
  expect((await ask('GET', 'bob', application)).body).toEqual(none);
  for (let round = 0; round < 2; round++) {
    expect(await ask('PUT', 'ada', ada, { paused: false })).toMatchObject({
      status: 200,
      body: none,
    });
  }
});

test("S49 with both, the operator's reason shows, and only the operator lifts it", async () => {
  const ada = await session('ada');
  await ask('PUT', 'ada', ada);
  await fixture.api('PUT', '/v1/hold', { reason: 'maintenance' });
  const operators = { paused: true, reason: 'maintenance', by: 'operator' };
  expect((await ask('GET', 'ada', ada)).body).toMatchObject(operators);
  // Pausing changes what stands beneath it, not what shows.
  expect((await ask('PUT', 'ada', ada)).body).toMatchObject(operators);
  expect((await ask('PUT', 'ada', ada, { paused: false })).body).toMatchObject(operators);
  await fixture.pool.query("DELETE FROM holds WHERE user_id = ''");
  // The person's own went when they lifted it.
  expect((await ask('GET', 'ada', ada)).body).toEqual(none);

  await ask('PUT', 'ada', ada);
  await putOperatorHold(fixture.pool, 'environment', 'since the start');
  await fixture.api('PUT', '/v1/hold', { reason: 'maintenance' });
  expect((await ask('GET', 'ada', ada)).body).toMatchObject(operators);
  await removeOperatorHold(fixture.pool, 'api');
  expect((await ask('GET', 'ada', ada)).body).toMatchObject({ reason: 'since the start' });
  await removeOperatorHold(fixture.pool, 'environment');
  expect((await ask('GET', 'ada', ada)).body).toMatchObject({ reason: 'on holiday', by: 'user' });
});

describe('who may ask', () => {
  let own: Record<string, string>;
  let expired: Record<string, string>;
  let cookie: Record<string, string>;
  beforeAll(async () => {
    own = await session('ada');
    cookie = await cookieOf('ada');
    expired = await session('late');
    await fixture.pool.query("UPDATE sessions SET expires_at = now() WHERE user_id = 'late'");
  });
  const origin = () => ({ origin: fixture.publicUrl });

  test.each([
    ['nobody', 'ada', () => ({}), 401, 401],
    ['an unknown token', 'ada', () => bearer('unknown'), 401, 401],
    ['an unknown cookie', 'ada', () => ({ cookie: 'holdfast-session=unknown' }), 401, 401],
    ['a session that has ended', 'late', () => expired, 401, 401],
    ['Basic', 'ada', () => ({ authorization: 'Basic YWRhOmFkYQ==' }), 401, 401],
    ['nobody, about an id that is none', '-x', () => ({}), 401, 401],
    ['the person', 'ada', () => own, 200, 200],
    ['the person, about someone else', 'bob', () => own, 403, 403],
    ['the person, in another spelling', 'ADA', () => own, 403, 403],
    ['the application', 'ada', () => application, 200, 200],
    ['the application, about somebody unknown', 'nobody@example.com', () => application, 200, 200],
    ['the browser, from its own page', 'ada', () => ({ ...cookie, ...origin() }), 200, 200],
    ['the browser, about someone else', 'bob', () => ({ ...cookie, ...origin() }), 403, 403],
    ['the browser, from nowhere', 'ada', () => cookie, 200, 403],
    [
      'the browser, from another site',
      'ada',
      () => ({ ...cookie, origin: 'https://evil.example' }),
      200,
      403,
    ],
    [
      'the browser, from another port of the same host',
      'ada',
      () => ({ ...cookie, origin: 'http://127.0.0.1:1' }),
      200,
      403,
    ],
    ['the browser, from a sandbox', 'ada', () => ({ ...cookie, origin: 'null' }), 200, 403],
    ['a bad token beside a good cookie', 'ada', () => ({ ...cookie, ...bearer('x') }), 401, 401],
    ['the person, about an id that is none', '-x', () => own, 400, 400],
    ['the application, about an id that is none', '-x', () => application, 400, 400],
    ['the application, about two words', 'a%20b', () => application, 400, 400],
    ['the application, about a NUL', 'a%00', () => application, 400, 400],
    ['the application, about an emoji', '%F0%9F%98%80', () => application, 400, 400],
    ['the application, about half a character', '%F0', () => application, 400, 400],
    ['the application, about 128 characters', 'u'.repeat(128), () => application, 200, 200],
    ['the application, about 129 characters', 'u'.repeat(129), () => application, 400, 400],
  ] as const)('%s (%s)', async (_who, userId, headers, reading, changing) => {
    const codes: Record<number, string> = {
      400: 'invalid_request',
      401: 'unauthorized',
      403: 'forbidden',
    };
    for (const [method, status] of [
      ['GET', reading],
      ['PUT', changing],
    ] as const) {
      const answer = await ask(method, userId, headers());
      expect([method, answer.status]).toEqual([method, status]);
      expect(answer.body.error?.code).toBe(codes[status]);
    }
    const { rowCount } = await fixture.pool.query('SELECT FROM holds');
    expect(rowCount).toBe(changing === 200 ? 1 : 0);
  });
});

test.each([
  ['nothing', undefined],
  ['no word', {}],
  ['another type', { paused: 'yes' }],
  ['another property', { paused: true, by: 'operator' }],
  ['a reason that is too long', { paused: true, reason: 'x'.repeat(501) }],
  ['a NUL in the reason', { paused: true, reason: 'a\0b' }],
  ['half a surrogate pair', { paused: true, reason: '\ud800' }],
])('a change that says %s is refused', async (_what, body) => {
  const answer = await ask('PUT', 'ada', application, body ?? null);
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  expect((await ask('GET', 'ada', application)).body).toEqual(none);
});

test("lifting a pause rings that person's integrations in which something waits, and no other", async () => {
  const insert = `INSERT INTO integrations (id, user_id, name, provider, status, reason_code)
    VALUES ($1, $2, $1, 'acme', $3, CASE $3 WHEN 'ENABLED' THEN NULL ELSE 'revoked' END)`;
  const keep = `INSERT INTO deliveries (id, integration_id, claim, outcome, state, dedupe_hash, headers, body)
    VALUES ('dlv_' || $1, $1, 'c', 'parked', 'pending', sha256($1::bytea), '[]', '')`;
  for (const [id, userId, status, waits] of [
    ['int_waits1', 'cleo', 'ENABLED', true],
    ['int_waits2', 'cleo', 'ENABLED', true],
    ['int_empty', 'cleo', 'ENABLED', false],
    ['int_broken', 'cleo', 'ERROR', true],
    ['int_other', 'dora', 'ENABLED', true],
  ] as const) {
    await fixture.pool.query(insert, [id, userId, status]);
    if (waits) await fixture.pool.query(keep, [id]);
  }
  const rung = async (id: string) => {
    try {
      return (await signalsOf(fixture, `integration:${id}`)).map(({ name }) => name);
    } catch {
      return [];
    }
  };
  const cleo = await session('cleo');
  await fixture.api('PUT', '/v1/hold', { reason: 'maintenance' });
  await ask('PUT', 'cleo', cleo);
  await ask('PUT', 'cleo', cleo, { paused: false });
  // The operator's still stands.
  expect(await rung('int_waits1')).toEqual([]);
  await removeOperatorHold(fixture.pool, 'api');
  await ask('PUT', 'cleo', cleo);
  expect(await rung('int_waits1')).toEqual([]);
  await ask('PUT', 'cleo', cleo, { paused: false });
  expect(await rung('int_waits1')).toEqual(['holdChanged']);
  expect(await rung('int_waits2')).toEqual(['holdChanged']);
  for (const id of ['int_empty', 'int_broken', 'int_other']) expect(await rung(id)).toEqual([]);
});
