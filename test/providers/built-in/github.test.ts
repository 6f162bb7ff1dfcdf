import { closeServers } from '../../oauth/loopback';
import {
  authorizationAddress,
  client,
  connect,
  exchange,
  lifetimeSeconds,
  probe,
  refresh,
  revoke,
  startVendor,
  untouched,
  type Answer,
} from './vendor';

afterEach(closeServers);

const token = 'POST https://github.com/login/oauth/access_token';
const user = 'GET https://api.github.com/user';
const grant = 'DELETE https://api.github.com/applications/id-of-the-app/grant';

it('sends a person to GitHub, with a scope and PKCE', async () => {
  const { origin, pathname, searchParams } = await authorizationAddress(untouched('github'));
  expect(origin + pathname).toBe('https://github.com/login/oauth/authorize');
  expect(Object.fromEntries(searchParams)).toMatchObject({
    client_id: client.clientId,
    scope: 'read:user',
    response_type: 'code',
    code_challenge_method: 'S256',
  });
});

it("connects an OAuth app, whose token doesn't expire, and reads whose it is", async () => {
  const vendor = await startVendor('github', {
    [token]: { access_token: 'token-1', scope: 'read:user', token_type: 'bearer' },
    [user]: { id: 583231, login: 'octocat', name: 'The Octocat' },
  });
  const { tokens, account } = await connect(vendor);
  expect(tokens).toMatchObject({ accessToken: 'token-1', scopes: ['read:user'] });
  expect(account).toEqual({ kind: 'account', id: '583231', label: 'octocat' });
  const [asked, read] = vendor.requests;
  expect(asked?.headers.accept).toBe('application/json');
  expect(asked?.headers.authorization).toBeUndefined();
  expect(Object.fromEntries(asked?.form ?? [])).toMatchObject({
    client_id: client.clientId,
    client_secret: client.clientSecret,
    code: 'the-code',
    code_verifier: expect.any(String) as string,
  });
  expect(read?.headers).toMatchObject({
    authorization: 'Bearer token-1',
    'user-agent': 'holdfast',
  });
});

it('rotates the tokens of a GitHub App', async () => {
  const vendor = await startVendor('github', {
    [token]: {
      access_token: 'token-2',
      expires_in: 28800,
      refresh_token: 'refresh-2',
      refresh_token_expires_in: 15897600,
      scope: '',
      token_type: 'bearer',
    },
  });
  const result = await refresh(vendor);
  if (result.kind !== 'refreshed') throw new Error(result.code);
  expect(result.tokens).toMatchObject({ accessToken: 'token-2', refreshToken: 'refresh-2' });
  expect(lifetimeSeconds(result.tokens)).toBe(28800);
  expect(lifetimeSeconds({ expiresAt: result.tokens.refreshExpiresAt })).toBe(15897600);
  expect(Object.fromEntries(vendor.requests[0]?.form ?? [])).toEqual({
    grant_type: 'refresh_token',
    refresh_token: 'refresh-1',
    client_id: client.clientId,
    client_secret: client.clientSecret,
  });
});

it.each<[Answer, object]>([
  [{ error: 'bad_refresh_token' }, { kind: 'dead', code: 'invalid_grant' }],
  [
    { error: 'incorrect_client_credentials' },
    { kind: 'app_fault', code: 'incorrect_client_credentials' },
  ],
  [[503, '<h1>Unicorn!</h1>'], { kind: 'transient', code: 'http_503', unanswered: false }],
])('reads a refusal of a refresh token, %j, as %j', async (answer, outcome) => {
  expect(await refresh(await startVendor('github', { [token]: answer }))).toEqual(outcome);
});

it.each<[Answer, object]>([
  [{ error: 'bad_verification_code' }, { kind: 'invalid', code: 'bad_verification_code' }],
  [{ error: 'unverified_user_email' }, { kind: 'invalid', code: 'unverified_user_email' }],
  [{ error: 'redirect_uri_mismatch' }, { kind: 'app_fault', code: 'redirect_uri_mismatch' }],
])('reads a refusal of a code, %j, as %j', async (answer, failure) => {
  expect(await exchange(await startVendor('github', { [token]: answer }))).toEqual(failure);
});

it('is asked about a token that may have been revoked', async () => {
  const bad = [401, { message: 'Bad credentials', status: '401' }] satisfies Answer;
  const vendor = await startVendor('github', {
    [user]: [{ id: 583231 }, bad, [403, { message: 'API rate limit exceeded' }]],
  });
  expect([await probe(vendor), await probe(vendor), await probe(vendor)]).toEqual([
    'accepted',
    'refused',
    'unknown',
  ]);
});

it('takes a grant back for an access token', async () => {
  const vendor = await startVendor('github', {
    [grant]: [
      [204, ''],
      [404, { message: 'No' }],
    ],
  });
  expect(await revoke(vendor, 'refresh_token')).toEqual({
    kind: 'unsupported',
    what: 'token_type',
  });
  expect(vendor.requests).toEqual([]);
  expect(await revoke(vendor, 'access_token')).toEqual({ kind: 'revoked' });
  const basic = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64');
  expect(vendor.requests[0]?.headers.authorization).toBe(`Basic ${basic}`);
  expect(JSON.parse(vendor.requests[0]?.body ?? '')).toEqual({ access_token: 'token-1' });
  expect(await revoke(vendor, 'access_token')).toEqual({ kind: 'failed', code: 'http_404' });
});
