import { cookieOf } from '../as-person';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { link } from '../journey';

let fixture: IdentityFixture;
let cookie: Record<string, string>;
let redeemable: string;
beforeAll(async () => {
  fixture = await identityFixture();
  cookie = await cookieOf(fixture, 'ada');
  const { id } = await fixture.integration('bo');
  redeemable = new URL(await link(fixture, 'bo', id)).pathname;
});
afterAll(() => fixture.close());

const port = () => new URL(fixture.publicUrl).port;

const strangers: [string, () => Record<string, string>][] = [
  ['another site', () => ({ origin: 'https://evil.example' })],
  ['a page that may embed the banner', () => ({ origin: 'https://app.example' })],
  ['a sandbox, or a redirect across sites', () => ({ origin: 'null' })],
  ['nowhere', () => ({})],
  ['an empty origin', () => ({ origin: '' })],
  ['another port of the same host', () => ({ origin: `http://127.0.0.1:${Number(port()) + 1}` })],
  ['no port', () => ({ origin: 'http://127.0.0.1' })],
  ['another name of this machine', () => ({ origin: `http://localhost:${port()}` })],
  ['another scheme', () => ({ origin: fixture.publicUrl.replace('http:', 'https:') })],
  ['a longer name', () => ({ origin: `${fixture.publicUrl}.evil.example` })],
  ['two origins', () => ({ origin: `${fixture.publicUrl}, https://evil.example` })],
  [
    'another site that only a referrer vouches for',
    () => ({ referer: `${fixture.publicUrl}/`, 'sec-fetch-site': 'same-origin' }),
  ],
];

const changes: [string, string, () => string, object?][] = [
  ['signing in', 'POST', () => redeemable],
  ['signing out', 'POST', () => '/sign-out'],
  ['pausing', 'PUT', () => '/api/users/ada/pause', { paused: true }],
  ['switching off', 'POST', () => '/api/users/ada/connectors/main/disable', {}],
  ['switching on', 'POST', () => '/api/users/ada/connectors/main/enable', {}],
  ['disconnecting', 'DELETE', () => '/api/users/ada/connectors/main'],
];

const cases = changes.flatMap(([what, method, path, body]) =>
  strangers.map(([who, headers]) => ({ what, who, method, path, body, headers })),
);

const state = async () => {
  const { rows } = await fixture.pool.query(
    `SELECT (SELECT count(*) FROM sessions WHERE cookie_hash IS NOT NULL) AS "signedIn",
            (SELECT count(*) FROM holds) AS holds,
            (SELECT array_agg(status || (deleted_at IS NULL)::text ORDER BY id) FROM integrations) AS status`,
  );
  return rows[0] as unknown;
};

test.each(cases)('with the cookie, $what is refused from $who', async (change) => {
  const before = await state();
  const answer = await fetch(fixture.publicUrl + change.path(), {
    method: change.method,
    redirect: 'manual',
    headers: {
      ...cookie,
      ...change.headers(),
      ...(change.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(change.body === undefined ? {} : { body: JSON.stringify(change.body) }),
  });
  expect(answer.status).toBe(403);
  expect(answer.headers.getSetCookie()).toEqual([]);
  expect(await state()).toEqual(before);
});
