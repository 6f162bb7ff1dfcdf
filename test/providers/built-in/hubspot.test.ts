import { closeServers } from '../../oauth/loopback';
import {
  authorizationAddress,
  client,
  connect,
  exchange,
  lifetimeSeconds,
  refresh,
  revoke,
  startVendor,
  untouched,
  type Answer,
} from './vendor';

afterEach(closeServers);

const token = 'POST https://api.hubapi.com/oauth/2026-03/token';
const revocation = 'POST https://api.hubapi.com/oauth/2026-03/token/revoke';

const granted = {
  token_type: 'bearer',
  access_token: 'token-1',
  refresh_token: 'refresh-1',
  expires_in: 1800,
  hub_id: 62515,
  scopes: ['oauth'],
};

it('sends a person to HubSpot', async () => {
  const { origin, pathname, searchParams } = await authorizationAddress(untouched('hubspot'));
  expect(origin + pathname).toBe('https://app.hubspot.com/oauth/authorize');
  expect(searchParams.get('scope')).toBe('oauth');
});

it("connects, with the client's parts and the code in the body, and finds the account there", async () => {
  const vendor = await startVendor('hubspot', { [token]: granted });
  const { tokens, account } = await connect(vendor);
  expect(tokens).toMatchObject({ accessToken: 'token-1', refreshToken: 'refresh-1' });
  expect(lifetimeSeconds(tokens)).toBe(1800);
  expect(tokens.scopes).toEqual(['oauth']);
  expect(account).toEqual({ kind: 'account', id: '62515', label: null });
  expect(vendor.requests[0]?.url).toBe('/oauth/2026-03/token');
  expect(Object.fromEntries(vendor.requests[0]?.form ?? [])).toMatchObject({
    grant_type: 'authorization_code',
    client_id: client.clientId,
    client_secret: client.clientSecret,
    code: 'the-code',
  });
});

it('gets a new access token for the same refresh token', async () => {
  const vendor = await startVendor('hubspot', { [token]: { ...granted, access_token: 'token-2' } });
  const result = await refresh(vendor);
  expect(result).toMatchObject({
    kind: 'refreshed',
    tokens: { accessToken: 'token-2', refreshToken: 'refresh-1' },
  });
});

const dead = { kind: 'dead', code: 'invalid_grant' };

it.each<[Answer, object]>([
  [[400, { status: 'BAD_REFRESH_TOKEN', message: 'missing or invalid refresh token' }], dead],
  [
    [
      400,
      {
        error: 'invalid_grant',
        error_description: 'missing or invalid refresh token',
        status: 'BAD_REFRESH_TOKEN',
        message: 'missing or invalid refresh token',
      },
    ],
    dead,
  ],
  [
    [400, { status: 'BAD_CLIENT_SECRET', message: 'missing or invalid client secret' }],
    { kind: 'app_fault', code: 'BAD_CLIENT_SECRET' },
  ],
  [
    [400, { status: 'BAD_CLIENT_ID', message: 'missing or unknown client id' }],
    { kind: 'app_fault', code: 'BAD_CLIENT_ID' },
  ],
  [[401, { error: 'invalid_client' }], { kind: 'app_fault', code: 'invalid_client' }],
  [
    [429, { status: 'error', category: 'RATE_LIMITS', message: 'You have reached your limit.' }],
    { kind: 'transient', code: 'error', unanswered: false },
  ],
  [
    [400, { category: 'VALIDATION_ERROR', message: 'Invalid input' }],
    { kind: 'transient', code: 'http_400', unanswered: false },
  ],
])('reads a refusal of a refresh token, %j, as %j', async (answer, outcome) => {
  expect(await refresh(await startVendor('hubspot', { [token]: answer }))).toEqual(outcome);
});

it.each<[string, string]>([
  ['BAD_AUTH_CODE', 'invalid'],
  ['BAD_REDIRECT_URI', 'app_fault'],
])('reads a refusal of a code, %s, as %s', async (status, kind) => {
  const vendor = await startVendor('hubspot', { [token]: [400, { status, message: 'no' }] });
  expect(await exchange(vendor)).toEqual({ kind, code: status });
});

it('takes a grant back for its refresh token', async () => {
  const vendor = await startVendor('hubspot', { [revocation]: [200, ''] });
  expect(await revoke(vendor, 'refresh_token')).toEqual({ kind: 'revoked' });
  expect(Object.fromEntries(vendor.requests[0]?.form ?? [])).toEqual({
    token: 'refresh-1',
    token_type_hint: 'refresh_token',
    client_id: client.clientId,
    client_secret: client.clientSecret,
  });
});
