import { eventually } from '../../support/eventually';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { credentialRow } from '../journey';
import { loggedSecrets } from '../logged-secrets';
import { signalsOf } from '../signals';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterAll(() => fixture.close());

const put = ({ api }: IdentityFixture, id: string, body: object, name = 'main') =>
  api('PUT', `/v1/integrations/${id}/credentials/${name}`, body);

test('new tokens replace everything of the old ones', async () => {
  const { id, credentialId } = await fixture.integration('ann', 'silent');
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const first = { accessToken: 'a1', refreshToken: 'r1', expiresAt, scope: 's', accountId: 'acc' };
  expect(await put(fixture, id, first)).toMatchObject({ status: 200, body: { version: 1 } });
  expect(await credentialRow(fixture, credentialId)).toMatchObject({
    ...{ state: 'alive', scope: 's', account_id: 'acc' },
  });
  expect(await put(fixture, id, { accessToken: 'a2' })).toMatchObject({ body: { version: 2 } });
  expect(await credentialRow(fixture, credentialId)).toMatchObject({
    ...{ version: 2, refresh_token: null, expires_at: null, refresh_at: null, scope: null },
    account_id: 'acc',
  });
  const signals = await signalsOf(fixture, `credential:${credentialId}`);
  expect(signals.filter(({ name }) => name === 'stored')).toEqual([
    { name: 'stored', input: { version: 1, why: 'stored' } },
    { name: 'stored', input: { version: 2, why: 'stored' } },
  ]);
});

test('S44 tokens of another account are refused and change nothing', async () => {
  const { id, credentialId } = await fixture.integration('ben', 'silent');
  await put(fixture, id, { accessToken: 'a1', accountId: 'mine' });
  const before = await credentialRow(fixture, credentialId);
  expect(await put(fixture, id, { accessToken: 'a2', accountId: 'other' })).toMatchObject({
    status: 409,
    body: { error: { code: 'account_mismatch' } },
  });
  expect(await credentialRow(fixture, credentialId)).toEqual(before);
});

test('a resume is asked for only where it is written out', async () => {
  const { id, credentialId } = await fixture.integration('cat', 'silent');
  await put(fixture, id, { accessToken: 'a1' });
  await put(fixture, id, { accessToken: 'a2', resume: true });
  const signals = await signalsOf(fixture, `integration:${id}`);
  expect(signals.filter(({ name }) => name === 'reauthorized').map(({ input }) => input)).toEqual([
    { credentialId, version: 1 },
    { credentialId, version: 2, resume: true },
  ]);
  const { rows } = await fixture.pool.query(
    'SELECT resume_version FROM integration_credentials WHERE integration_id = $1',
    [id],
  );
  expect(rows).toEqual([{ resume_version: 2 }]);
});

test('what is not there is 404, what is malformed 400', async () => {
  const { id } = await fixture.integration('dan', 'silent');
  const token = { accessToken: 'a1' };
  expect(await put(fixture, id, token, 'other')).toMatchObject({
    status: 404,
    body: { error: { code: 'credential_not_found' } },
  });
  expect(await put(fixture, 'int_0', token)).toMatchObject({
    status: 404,
    body: { error: { code: 'integration_not_found' } },
  });
  for (const [body, name] of [
    [{}, 'main'],
    [{ accessToken: 1 }, 'main'],
    [{ accessToken: 'a\nb' }, 'main'],
    [{ ...token, accountId: 'a\0' }, 'main'],
    [{ ...token, expiresAt: 'soon' }, 'main'],
    [{ ...token, resume: 'yes' }, 'main'],
    [{ ...token, more: 1 }, 'main'],
    [token, '%00'],
  ] as const) {
    expect(await put(fixture, id, body, name)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request' } },
    });
  }
});

describe('while Temporal is away', () => {
  let away: IdentityFixture;
  beforeAll(async () => {
    away = await identityFixture({ temporal: 'away' });
  });
  afterAll(() => away.close());

  test('tokens are stored all the same, and the log says that nobody was told', async () => {
    const { id } = await away.integration('eli', 'silent');
    expect(await put(away, id, { accessToken: 'a1' })).toMatchObject({ status: 200 });
    await eventually(() => expect(away.logged.join('')).toContain('could not be announced'));
  });

  test('an outdated version is answered with the newest', async () => {
    const { id } = await away.integration('eva', 'silent');
    await put(away, id, { accessToken: 'a1' });
    await put(away, id, { accessToken: 'a2' });
    const path = `/v1/integrations/${id}/token/reject`;
    expect(await away.api('POST', path, { version: 1 })).toMatchObject({
      status: 200,
      body: { accessToken: 'a2', version: 2 },
    });
  });

  test('a token that lives is given out, one that has ended is 503', async () => {
    const { id } = await away.integration('flo', 'silent');
    const expiringIn = (ms: number) => new Date(Date.now() + ms).toISOString();
    await put(away, id, { accessToken: 'a1', refreshToken: 'r', expiresAt: expiringIn(40_000) });
    expect(await away.api('GET', `/v1/integrations/${id}/token`)).toMatchObject({
      status: 200,
      body: { accessToken: 'a1', version: 1 },
    });
    await put(away, id, { accessToken: 'a2', refreshToken: 'r', expiresAt: expiringIn(-1_000) });
    const ended = await away.api('GET', `/v1/integrations/${id}/token`);
    expect(ended).toMatchObject({ status: 503, body: { error: { code: 'refresh_unavailable' } } });
    expect(ended.headers.get('retry-after')).toBe('5');
  }, 120_000);
});

test('S40 no token is in a log line', () => {
  expect(fixture.logged.join('')).toContain('refused');
  expect(loggedSecrets({ ...fixture, known: ['a1', 'a2'].map((token) => `"${token}"`) })).toEqual(
    [],
  );
});
