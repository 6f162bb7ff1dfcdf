import { lacksRefreshToken } from '../../../src/oauth/offline-access';
import { closeServers } from '../../oauth/loopback';
import {
  authorizationAddress,
  client,
  connect,
  lifetimeSeconds,
  refresh,
  revoke,
  startVendor,
  untouched,
  type Answer,
} from './vendor';

afterEach(closeServers);

const token = 'POST https://oauth2.googleapis.com/token';
const userinfo = 'GET https://openidconnect.googleapis.com/v1/userinfo';
const revocation = 'POST https://oauth2.googleapis.com/revoke';

const renewed = {
  access_token: 'token-1',
  expires_in: 3599,
  scope: 'openid https://www.googleapis.com/auth/userinfo.email',
  token_type: 'Bearer',
  id_token: 'not-looked-at',
};
const granted = { ...renewed, refresh_token: 'refresh-1' };

it('sends a person to Google for lasting access', async () => {
  const { origin, pathname, searchParams } = await authorizationAddress(untouched('google'));
  expect(origin + pathname).toBe('https://accounts.google.com/o/oauth2/v2/auth');
  expect(Object.fromEntries(searchParams)).toMatchObject({
    scope: 'openid email',
    access_type: 'offline',
    prompt: 'consent',
    code_challenge_method: 'S256',
  });
});

it('connects, and asks whose account it is', async () => {
  const vendor = await startVendor('google', {
    [token]: granted,
    [userinfo]: { sub: '110248495921238986420', email: 'ada@example.com', email_verified: true },
  });
  const { tokens, account } = await connect(vendor);
  expect(tokens).toMatchObject({ accessToken: 'token-1', refreshToken: 'refresh-1' });
  expect(lifetimeSeconds(tokens)).toBe(3600);
  expect(account).toEqual({
    kind: 'account',
    id: '110248495921238986420',
    label: 'ada@example.com',
  });
  expect(Object.fromEntries(vendor.requests[0]?.form ?? [])).toMatchObject({
    client_id: client.clientId,
    client_secret: client.clientSecret,
  });
});

it('knows when access ends that was given for a time', async () => {
  const vendor = await startVendor('google', {
    [token]: { ...granted, refresh_token_expires_in: 604799 },
    [userinfo]: { sub: '1' },
  });
  const { tokens } = await connect(vendor);
  expect(lifetimeSeconds({ expiresAt: tokens.refreshExpiresAt })).toBe(604800);
});

it('notices that a refresh token did not come along', async () => {
  const vendor = await startVendor('google', { [token]: renewed, [userinfo]: { sub: '1' } });
  const { tokens } = await connect(vendor);
  expect(lacksRefreshToken(vendor.provider.oauth ?? { clientId: '' }, tokens, false)).toBe(true);
});

it('keeps its refresh token, which is not in the answer', async () => {
  const vendor = await startVendor('google', { [token]: { ...renewed, access_token: 'token-2' } });
  const result = await refresh(vendor);
  if (result.kind !== 'refreshed') throw new Error(result.code);
  expect(result.tokens.accessToken).toBe('token-2');
  expect(result.tokens).not.toHaveProperty('refreshToken');
});

const dead = { kind: 'dead', code: 'invalid_grant' };

it.each<[Answer, object]>([
  [
    [400, { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' }],
    dead,
  ],
  [[400, { error: 'invalid_grant', error_subtype: 'invalid_rapt' }], dead],
  [[400, { error: 'admin_policy_enforced' }], dead],
  [[401, { error: 'invalid_client' }], { kind: 'app_fault', code: 'invalid_client' }],
  [[401, { error: 'deleted_client' }], { kind: 'app_fault', code: 'deleted_client' }],
  [[401, { error: 'unauthorized_client' }], { kind: 'app_fault', code: 'unauthorized_client' }],
  [
    [500, { error: 'internal_failure' }],
    { kind: 'transient', code: 'internal_failure', unanswered: false },
  ],
])('reads a refusal of a refresh token, %j, as %j', async (answer, outcome) => {
  expect(await refresh(await startVendor('google', { [token]: answer }))).toEqual(outcome);
});

it('takes a whole grant back for its refresh token', async () => {
  const vendor = await startVendor('google', {
    [revocation]: [{}, [400, { error: 'invalid_token' }]],
  });
  expect(await revoke(vendor, 'refresh_token')).toEqual({ kind: 'revoked' });
  expect(vendor.requests[0]?.form.get('token')).toBe('refresh-1');
  expect(await revoke(vendor, 'refresh_token')).toEqual({ kind: 'revoked' });
});
