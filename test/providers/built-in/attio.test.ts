import { closeServers } from '../../oauth/loopback';
import {
  authorizationAddress,
  client,
  connect,
  exchange,
  probe,
  revoke,
  startVendor,
  untouched,
  type Answer,
} from './vendor';

afterEach(closeServers);

const token = 'POST https://app.attio.com/oauth/token';
const self = 'GET https://api.attio.com/v2/self';

const active = {
  active: true,
  scope: 'record_permission:read',
  client_id: client.clientId,
  token_type: 'Bearer',
  exp: null,
  iat: 1760000000,
  sub: '14beef7a-99f7-4534-a87e-70b564330a4c',
  iss: 'attio.com',
  workspace_id: '14beef7a-99f7-4534-a87e-70b564330a4c',
  workspace_name: 'Alan Turing Inc.',
  workspace_slug: 'turing',
};

it("sends a person to Attio without a scope: an app's settings hold them", async () => {
  const { origin, pathname, searchParams } = await authorizationAddress(untouched('attio'));
  expect(origin + pathname).toBe('https://app.attio.com/authorize');
  expect(searchParams.has('scope')).toBe(false);
});

it("connects with a token that doesn't expire, and reads whose workspace it is", async () => {
  const vendor = await startVendor('attio', {
    [token]: { access_token: 'token-1', token_type: 'Bearer' },
    [self]: active,
  });
  const { tokens, account } = await connect(vendor);
  expect(tokens).toEqual({ accessToken: 'token-1' });
  expect(account).toEqual({
    kind: 'account',
    id: '14beef7a-99f7-4534-a87e-70b564330a4c',
    label: 'Alan Turing Inc.',
  });
  expect(Object.fromEntries(vendor.requests[0]?.form ?? [])).toMatchObject({
    client_id: client.clientId,
    client_secret: client.clientSecret,
    grant_type: 'authorization_code',
    code: 'the-code',
  });
});

it.each<[Answer, object]>([
  [[400, { error: 'invalid_grant' }], { kind: 'invalid', code: 'invalid_grant' }],
  [[401, { error: 'invalid_client' }], { kind: 'app_fault', code: 'invalid_client' }],
  [[503, ''], { kind: 'unavailable', code: 'http_503' }],
])('reads a refusal of a code, %j, as %j', async (answer, failure) => {
  expect(await exchange(await startVendor('attio', { [token]: answer }))).toEqual(failure);
});

it.each<[Answer, string]>([
  [active, 'accepted'],
  [{ active: false }, 'refused'],
  [[401, { status_code: 401, type: 'auth_error', code: 'unauthorized' }], 'refused'],
  [[429, { status_code: 429, type: 'rate_limit_error' }], 'unknown'],
  [[200, 'no JSON'], 'accepted'],
])('reads %j about a token as %s', async (answer, verdict) => {
  expect(await probe(await startVendor('attio', { [self]: answer }))).toBe(verdict);
});

const revocation = 'POST https://app.attio.com/oauth/revoke';

it('takes a token back for itself, as a bearer', async () => {
  const vendor = await startVendor('attio', {
    [revocation]: [
      [204, ''],
      [400, 'No token'],
      [429, ''],
    ],
  });
  expect(await revoke(vendor, 'access_token')).toEqual({ kind: 'revoked' });
  expect(vendor.requests[0]?.headers.authorization).toBe('Bearer token-1');
  expect(await revoke(vendor, 'access_token')).toMatchObject({ kind: 'failed', code: 'http_400' });
  expect(await revoke(vendor, 'access_token')).toMatchObject({ kind: 'failed', code: 'http_429' });
});
