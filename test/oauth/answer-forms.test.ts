import { gzipSync } from 'node:zlib';
import type { OAuthDeclaration, RefreshErrorRule } from '../../src/providers/provider';
import { acme, closeServers, serve } from './loopback';
import { refresh, transient } from './refresh/refresh-once';

afterEach(closeServers);

interface Said {
  status?: number;
  type?: string;
  headers?: Record<string, string>;
  body: unknown;
}

async function refreshed(
  { status = 200, type = 'application/json', headers = {}, body }: Said,
  oauth: Partial<OAuthDeclaration> = {},
  refreshErrors: RefreshErrorRule[] = [],
) {
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  const server = await serve((response) =>
    response
      .writeHead(status, { 'content-type': type, ...headers })
      .end(isRaw ? body : JSON.stringify(body)),
  );
  return refresh(acme(`http://127.0.0.1:${server.port}`, oauth, { refreshErrors }));
}

/** To ten seconds: the machine may be busy. */
const inSeconds = (at: Date | undefined) =>
  at === undefined ? undefined : Math.round((at.getTime() - Date.now()) / 10_000) * 10;

async function tokens(body: unknown, oauth: Partial<OAuthDeclaration> = {}) {
  const outcome = await refreshed({ body }, oauth);
  if (outcome.kind !== 'refreshed') throw new Error(outcome.code);
  const { expiresAt, refreshExpiresAt, ...rest } = outcome.tokens;
  const ends = { ends: inSeconds(expiresAt), refreshEnds: inSeconds(refreshExpiresAt) };
  return { ...rest, ...ends };
}

describe('tokens are read', () => {
  const answer = { access_token: 'new', refresh_token: 'next', expires_in: 3600 };
  const found = {
    kind: 'refreshed',
    tokens: { accessToken: 'new', refreshToken: 'next', expiresAt: expect.any(Date) as Date },
  };

  it.each<[string, Said]>([
    [
      'compressed',
      { headers: { 'content-encoding': 'gzip' }, body: gzipSync(JSON.stringify(answer)) },
    ],
    ['packed by its word alone', { headers: { 'content-encoding': 'utf-8' }, body: answer }],
    ['not packed as it says', { headers: { 'content-encoding': 'gzip' }, body: answer }],
    ['after a byte order mark', { body: `\ufeff${JSON.stringify(answer)}` }],
    ['as text', { type: 'text/html; charset=utf-8', body: answer }],
    [
      'as a form',
      {
        type: 'application/x-www-form-urlencoded',
        body: 'access_token=new&refresh_token=next&expires_in=3600&token_type=bearer',
      },
    ],
    [
      'as a form that says that it is a page',
      { type: 'text/html', body: 'access_token=new&refresh_token=next&expires_in=3600' },
    ],
  ])('%s', async (_how, said) => {
    expect(await refreshed(said)).toEqual(found);
  });

  it('from the object that the declaration points at, and at a refresh from the whole answer too', async () => {
    const at = { tokenPointer: '/authed_user' };
    const user = { ...answer, scope: 'search:read' };
    expect(await tokens({ ok: true, access_token: 'bot', authed_user: user }, at)).toMatchObject({
      ...{ accessToken: 'new', refreshToken: 'next', scopes: ['search:read'] },
    });
    expect(await tokens(answer, at)).toMatchObject({ accessToken: 'new' });
  });
});

const at = (seconds: number) => Math.round(Date.now() / 1000) + seconds;
const iso = (seconds: number) => new Date(at(seconds) * 1000).toISOString();

it.each<[string, () => object, number]>([
  ['a text', () => ({ expires_in: '3600' }), 3600],
  ['a time in seconds', () => ({ expires_at: at(3600) }), 3600],
  ['a time in seconds, as text', () => ({ expires_at: String(at(3600)) }), 3600],
  ['a time in milliseconds', () => ({ expires_at: at(3600) * 1000 }), 3600],
  ['a date', () => ({ expires_at: iso(3600) }), 3600],
  ['a date without a zone', () => ({ expires_at: iso(3600).slice(0, 19) }), 3600],
  ['a lifetime beside a time', () => ({ expires_in: 60, expires_at: at(3600) }), 60],
  ['a time beside a lifetime of nothing', () => ({ expires_in: 0, expires_at: at(3600) }), 3600],
  ['nothing, where it is declared', () => ({}), 1800],
])('an access token ends by %s', async (_what, more, seconds) => {
  const { ends } = await tokens({ access_token: 'new', ...more() }, { expiresInSeconds: 1800 });
  expect(ends).toBe(seconds);
});

it.each<[object | (() => object), object]>([
  [{ refresh_token_expires_in: 600 }, { refreshEnds: 600 }],
  [{ refresh_expires_in: '600' }, { refreshEnds: 600 }],
  [{ x_refresh_token_expires_in: 600, x_refresh_token_hard_expires_in: 900 }, { refreshEnds: 600 }],
  [
    { x_refresh_token_expires_in: 600, x_refresh_token_hard_expires_in: 600 },
    { refreshEnds: 600, refreshEndIsFixed: true },
  ],
  [{ x_refresh_token_hard_expires_in: 600 }, { refreshEnds: 600, refreshEndIsFixed: true }],
  [() => ({ refresh_token_expires_at: iso(600) }), { refreshEnds: 600 }],
  [{ refresh_token_expires_at: '2999-01-01T00:00:00Z' }, {}],
  [{ refresh_token_expires_in: 0 }, {}],
])('a refresh token ends by %p', async (more, expected) => {
  const fields: object = typeof more === 'function' ? (more() as object) : more;
  const { refreshEnds, refreshEndIsFixed } = await tokens({ access_token: 'new', ...fields });
  expect({ refreshEnds, refreshEndIsFixed }).toEqual({ refreshEnds: undefined, ...expected });
});

it.each<[object, Partial<OAuthDeclaration>, object]>([
  [{ scope: 'a b' }, {}, { scope: 'a b', scopes: ['a', 'b'] }],
  [{ scope: 'a,b' }, {}, { scope: 'a,b', scopes: ['a', 'b'] }],
  [{ scope: 'a,b c' }, { scopeSeparator: ' ' }, { scope: 'a,b c', scopes: ['a,b', 'c'] }],
  [{ scope: 'a b' }, { scopeSeparator: ',' }, { scope: 'a b', scopes: ['a', 'b'] }],
  [{ scopes: ['a', 'b'] }, {}, { scope: 'a b', scopes: ['a', 'b'] }],
  [{ scope: ['a', 'b', 'a'] }, { scopeSeparator: ',' }, { scope: 'a,b,a', scopes: ['a', 'b'] }],
  [{ scope: '', scopes: [1, null] }, {}, {}],
  [{ scope: 'a\0b \ud800' }, {}, { scope: 'a\ufffdb \ufffd', scopes: ['a\ufffdb', '\ufffd'] }],
])('scopes are read from %j with %j', async (more, oauth, expected) => {
  const { scope, scopes } = await tokens({ access_token: 'new', ...more }, oauth);
  expect({ scope, scopes }).toEqual({ scope: undefined, scopes: undefined, ...expected });
});

it('a token that itself holds what a text column refuses is taken as it is', async () => {
  expect(await tokens({ access_token: 'a\0b', refresh_token: 'c\0d' })).toMatchObject({
    ...{ accessToken: 'a\0b', refreshToken: 'c\0d' },
  });
});

describe("a dead refresh token, in its vendor's own words", () => {
  const dead = (code = 'invalid_grant') => ({ kind: 'dead', code });
  const strava = {
    message: 'Bad Request',
    errors: [{ resource: 'RefreshToken', field: 'refresh_token', code: 'invalid' }],
  };
  const meta = {
    error: {
      message: 'Error validating access token: The session has been invalidated.',
      ...{ type: 'OAuthException', code: 190, error_subcode: 460, fbtrace_id: 'A' },
    },
  };

  it.each<[string, Said, object]>([
    ['Zoho', { body: { error: 'invalid_code' } }, dead()],
    ['Strava', { status: 400, body: strava }, dead()],
    ['Meta', { status: 400, body: meta }, dead()],
    ['CAS', { status: 400, type: 'text/plain', body: 'invalid_grant\n' }, dead()],
    ['as a form', { status: 400, body: 'error=invalid_grant&error_description=Gone' }, dead()],
    ['GitHub, as a form', { body: 'error=bad_refresh_token&error_uri=https%3A%2F%2Fx' }, dead()],
    ['nested', { status: 400, body: { error: { code: 'invalid_grant' } } }, dead()],
    ['by its type', { status: 400, body: { error: { code: 400, type: 'invalid_grant' } } }, dead()],
  ])('%s', async (_vendor, said, outcome) => {
    expect(await refreshed(said)).toEqual(outcome);
  });

  it('is known by a rule for what stands where the declaration points, number or text', async () => {
    const rules: RefreshErrorRule[] = [{ error: [4001, 'Access Denied'], means: 'dead' }];
    const at = { errorPointer: ['/fault/code', '/fault/name'] };
    const said = (fault: object) => refreshed({ status: 403, body: { fault } }, at, rules);
    expect(await said({ code: 4001 })).toEqual(dead());
    expect(await said({ name: '4001' })).toEqual(dead());
    expect(await said({ name: 'Access Denied' })).toEqual(dead());
    expect(await said({ code: 4002 })).toEqual(transient('4002'));
  });
});

it('a bare word that the declaration knows is an error', async () => {
  const rules: RefreshErrorRule[] = [{ error: ['gone_for_good', 'Gone'], means: 'dead' }];
  for (const body of ['gone_for_good', 'Gone\n']) {
    expect(await refreshed({ status: 400, body }, {}, rules)).toMatchObject({ kind: 'dead' });
  }
});

describe('S30 what says nothing about the grant', () => {
  it.each<[string, Said, object]>([
    ["Zoho's rate limit", { body: { error: 'Access Denied' } }, transient('access_denied')],
    [
      'an error in a sentence',
      { body: { error: 'Something is the-secret' } },
      transient('http_200'),
    ],
    ['an error without a word', { body: { error: true, message: 'x' } }, transient('http_200')],
    ['a refusal without a word', { body: { ok: false } }, transient('http_200')],
    [
      'an HTTP status as a code',
      { status: 403, body: { error: { code: 403 } } },
      transient('http_403'),
    ],
    ['a number', { status: 400, body: { error: { code: 17 } } }, transient('17')],
    ['a token that is echoed', { status: 400, body: 'SECRET_TOK4' }, transient('http_400')],
    ['a word that is no code', { status: 400, body: 'Forbidden' }, transient('http_400')],
    [
      'a code as text with 200',
      { body: 'invalid_grant' },
      transient('http_200', { unanswered: true }),
    ],
    [
      'a page with a query',
      { status: 400, body: '<a href="?a=b&error=invalid_grant">' },
      transient('http_400'),
    ],
    [
      'a form with more than a form',
      { status: 400, body: 'error=invalid_grant and more' },
      transient('http_400'),
    ],
    [
      'an answer that can not be unpacked',
      { headers: { 'content-encoding': 'gzip' }, body: Buffer.from([0x1f, 0x8b, 8]) },
      transient('http_200', { unanswered: true }),
    ],
    [
      'a refusal that can not be unpacked',
      {
        status: 429,
        headers: { 'content-encoding': 'zstd', 'retry-after': '120' },
        body: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
      },
      transient('http_429', { retryAfterMs: 120_000 }),
    ],
  ])('%s', async (_what, said, outcome) => {
    expect(await refreshed(said)).toEqual(outcome);
  });
});
