import { closeServers } from '../../oauth/loopback';
import {
  authorizationAddress,
  client,
  connect,
  lifetimeSeconds,
  probe,
  refresh,
  revoke,
  startVendor,
  untouched,
  type Answer,
} from './vendor';

afterEach(closeServers);

const token = 'POST https://api.stripe.com/v1/oauth/token';
const secretKey = `Basic ${Buffer.from(`${client.clientSecret}:`).toString('base64')}`;

const granted = {
  access_token: 'token-1',
  livemode: false,
  refresh_token: 'refresh-1',
  scope: 'stripe_apps',
  stripe_publishable_key: 'published',
  stripe_user_id: 'acct_1032D82eZvKYlo2C',
  token_type: 'bearer',
};

it('sends a person to the marketplace, without scope and PKCE', async () => {
  const { origin, pathname, searchParams } = await authorizationAddress(untouched('stripe-apps'));
  expect(origin + pathname).toBe('https://marketplace.stripe.com/oauth/v2/authorize');
  expect([...searchParams.keys()].sort()).toEqual([
    'client_id',
    'redirect_uri',
    'response_type',
    'state',
  ]);
});

it('connects by the secret key alone, with a token of an hour that the answer keeps to itself', async () => {
  const vendor = await startVendor('stripe-apps', { [token]: granted });
  const { tokens, account } = await connect(vendor);
  expect(tokens).toMatchObject({ accessToken: 'token-1', refreshToken: 'refresh-1' });
  expect(lifetimeSeconds(tokens)).toBe(3600);
  expect(account).toEqual({ kind: 'account', id: 'acct_1032D82eZvKYlo2C', label: null });
  const [asked] = vendor.requests;
  expect(asked?.headers.authorization).toBe(secretKey);
  expect(Object.fromEntries(asked?.form ?? [])).toEqual({
    grant_type: 'authorization_code',
    code: 'the-code',
    redirect_uri: expect.any(String) as string,
  });
});

it('rotates its tokens; the answer names the account in another way', async () => {
  const { stripe_user_id: account_id, ...rest } = granted;
  const renewed = { ...rest, account_id, access_token: 'token-2', refresh_token: 'refresh-2' };
  const vendor = await startVendor('stripe-apps', { [token]: renewed });
  const result = await refresh(vendor);
  if (result.kind !== 'refreshed') throw new Error(result.code);
  expect(result.tokens).toMatchObject({ accessToken: 'token-2', refreshToken: 'refresh-2' });
  expect(lifetimeSeconds(result.tokens)).toBe(3600);
  expect(vendor.requests[0]?.headers.authorization).toBe(secretKey);
  expect(Object.fromEntries(vendor.requests[0]?.form ?? [])).toEqual({
    grant_type: 'refresh_token',
    refresh_token: 'refresh-1',
  });
});

it.each<[Answer, object]>([
  [
    [400, { error: 'invalid_grant', error_description: 'Refresh token does not exist' }],
    { kind: 'dead', code: 'invalid_grant' },
  ],
  [
    [401, { error: { type: 'invalid_request_error', message: 'Invalid API Key provided' } }],
    { kind: 'transient', unanswered: false },
  ],
])('reads a refusal of a refresh token, %j, as %j', async (answer, outcome) => {
  const vendor = await startVendor('stripe-apps', { [token]: answer });
  expect(await refresh(vendor)).toMatchObject(outcome);
});

it('is neither probed nor takes a token back', async () => {
  const vendor = await startVendor('stripe-apps', {});
  expect(await probe(vendor)).toBe('unasked');
  expect(await revoke(vendor, 'refresh_token')).toEqual({ kind: 'unsupported', what: 'endpoint' });
});
