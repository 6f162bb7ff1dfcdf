import { sha256 } from '../../../src/crypto/hash';
import { redeemSessionLink } from '../../../src/db/queries/people/session-links';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { loggedSecrets } from '../logged-secrets';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterAll(() => fixture.close());

const create = (body: object) => fixture.api('POST', '/v1/sessions', body);

interface SessionRow {
  token_hash: Buffer;
  link_hash: Buffer;
  seconds: number;
  link_seconds: number;
}

async function stored(userId: string): Promise<SessionRow | undefined> {
  const { rows } = await fixture.pool.query<SessionRow>(
    `SELECT *, extract(epoch FROM expires_at - created_at)::int AS seconds,
            extract(epoch FROM link_expires_at - created_at)::int AS link_seconds
       FROM sessions WHERE user_id = $1`,
    [userId],
  );
  return rows[0];
}

test('token and link are stored as hashes only, for an hour and ten minutes', async () => {
  const { status, body } = await create({ userId: 'ada' });
  expect(status).toBe(201);
  const code = body.url?.replace(`${fixture.publicUrl}/s/`, '') ?? '';
  expect(code).toMatch(/^[\w-]{43}$/);
  expect(body.token).toMatch(/^[\w-]{43}$/);
  const row = await stored('ada');
  expect(row).toMatchObject({
    ...{ seconds: 3_600, link_seconds: 600 },
    ...{ scope: 'delete', confirm: 'page', resume: true },
  });
  expect(row?.token_hash).toEqual(sha256(body.token ?? ''));
  expect(row?.link_hash).toEqual(sha256(code));
  expect(JSON.stringify(row)).not.toContain(code);
  expect(Date.parse(body.expiresAt) - Date.now()).toBeGreaterThan(3_500_000);
});

test('a link lasts no longer than its session', async () => {
  await create({ userId: 'bob', expiresInSeconds: 60 });
  expect(await stored('bob')).toMatchObject({ seconds: 60, link_seconds: 60 });
});

test('of two who redeem a link, having both seen it open, one gets it', async () => {
  const { body } = await create({ userId: 'boris' });
  const linkHash = sha256(body.url?.slice(-43) ?? '');
  const redeemed = await Promise.all(
    ['a', 'b'].map((cookie) => redeemSessionLink(fixture.pool, linkHash, sha256(cookie))),
  );
  expect(redeemed.sort()).toEqual([false, true]);
});

test("somebody else's integration is not there, nor a credential that it hasn't", async () => {
  const { id } = await fixture.integration('cleo');
  expect(await create({ userId: 'dora', integrationId: id })).toMatchObject({
    status: 404,
    body: { error: { code: 'integration_not_found' } },
  });
  expect(await create({ userId: 'dora', integrationId: id, credential: 'main' })).toMatchObject({
    status: 404,
    body: { error: { code: 'integration_not_found' } },
  });
  expect(await create({ userId: 'cleo', integrationId: id, credential: 'other' })).toMatchObject({
    status: 404,
    body: { error: { code: 'credential_not_found' } },
  });
  expect(await create({ userId: 'cleo', integrationId: id, credential: 'main' })).toMatchObject({
    status: 201,
  });
});

test.each([
  ['no user', {}],
  ['a malformed user', { userId: '..' }],
  ['a wrong type', { userId: 1 }],
  ['a property that is not known', { userId: 'u', more: 1 }],
  ['too short', { userId: 'u', expiresInSeconds: 59 }],
  ['too long', { userId: 'u', expiresInSeconds: 86_401 }],
  ['a credential of nothing', { userId: 'u', credential: 'main' }],
  ['a label with a NUL', { userId: 'u', userLabel: 'a\0' }],
  ['a return to an origin that is not listed', { userId: 'u', returnTo: 'https://evil.example/' }],
  [
    'one that only begins like a listed one',
    { userId: 'u', returnTo: 'https://app.example.evil/' },
  ],
  ['one with a user', { userId: 'u', returnTo: 'https://app.example@evil.example/' }],
  ['a user at a listed one', { userId: 'u', returnTo: 'https://a:b@app.example/' }],
  ['a script', { userId: 'u', returnTo: 'javascript:alert(1)' }],
  ['a relative one', { userId: 'u', returnTo: '//app.example/' }],
])('400 for %s', async (_what, body) => {
  expect(await create(body)).toMatchObject({
    status: 400,
    body: { error: { code: 'invalid_request' } },
  });
});

test('an integration whose provider has no OAuth gets no link', async () => {
  const made = await fixture.api('POST', '/v1/integrations', {
    ...{ userId: 'eve', name: 'keyed', provider: 'hooks', handler: 'sync' },
    credentials: { main: { accessToken: 'an-api-key' } },
  });
  expect(made.status).toBe(201);
  const bare = await fixture.api('POST', '/v1/integrations', {
    ...{ userId: 'eve', name: 'bare', provider: 'hooks', handler: 'sync' },
  });
  expect(bare).toMatchObject({ status: 201, body: { credentials: [] } });
  for (const integrationId of [made.body.id, bare.body.id]) {
    expect(await create({ userId: 'eve', integrationId })).toMatchObject({
      status: 400,
      body: {
        error: {
          code: 'invalid_request',
          message: '"hooks" has no OAuth: nothing can be connected there by a link.',
        },
      },
    });
    expect(await create({ userId: 'mallory', integrationId })).toMatchObject({
      status: 404,
      body: { error: { code: 'integration_not_found' } },
    });
  }
});

test('S40 no token and no link is in a log line', () => {
  expect(loggedSecrets(fixture)).toEqual([]);
});
