import { closeServers } from '../../oauth/loopback';
import {
  authorizationAddress,
  client,
  connect,
  exchange,
  probe,
  refresh,
  revoke,
  startVendor,
  untouched,
  type Answer,
} from './vendor';

afterEach(closeServers);

const token = 'POST https://connect.stripe.com/oauth/token';
const account = 'GET https://api.stripe.com/v1/account';

const secretKey = `Basic ${Buffer.from(`${client.clientSecret}:`).toString('base64')}`;

const granted = {
  access_token: 'token-1',
  livemode: false,
  refresh_token: 'refresh-1',
  token_type: 'bearer',
  stripe_publishable_key: 'published',
  stripe_user_id: 'acct_1032D82eZvKYlo2C',
  scope: 'read_write',
};

it('sends a person to Stripe', async () => {
  const { origin, pathname, searchParams } = await authorizationAddress(untouched('stripe'));
  expect(origin + pathname).toBe('https://connect.stripe.com/oauth/authorize');
  expect(searchParams.get('scope')).toBe('read_write');
});

it("connects with a token that doesn't expire, and finds the account in the answer", async () => {
  const vendor = await startVendor('stripe', { [token]: granted });
  const connected = await connect(vendor);
  expect(connected.tokens).toEqual({
    accessToken: 'token-1',
    refreshToken: 'refresh-1',
    scope: 'read_write',
    scopes: ['read_write'],
  });
  expect(connected.account).toEqual({
    kind: 'account',
    id: 'acct_1032D82eZvKYlo2C',
    label: null,
  });
  const [asked] = vendor.requests;
  expect(asked?.headers.authorization).toBe(secretKey);
  expect(asked?.form.has('client_secret')).toBe(false);
});

it('gets a new token for its refresh token, after a 401', async () => {
  const vendor = await startVendor('stripe', { [token]: { ...granted, access_token: 'token-2' } });
  expect(await refresh(vendor)).toMatchObject({
    kind: 'refreshed',
    tokens: { accessToken: 'token-2' },
  });
});

it.each<[Answer, object]>([
  [
    [400, { error: 'invalid_grant', error_description: 'Refresh token does not exist' }],
    { kind: 'dead', code: 'invalid_grant' },
  ],
  [[400, { error: 'invalid_scope' }], { kind: 'dead', code: 'invalid_scope' }],
  [[401, { error: 'invalid_client' }], { kind: 'app_fault', code: 'invalid_client' }],
  [
    [401, { error: { type: 'invalid_request_error', message: 'Invalid API Key provided' } }],
    { kind: 'transient', code: 'invalid_request_error', unanswered: false },
  ],
  [
    [400, { error: 'unsupported_grant_type' }],
    { kind: 'app_fault', code: 'unsupported_grant_type' },
  ],
])('reads a refusal of a refresh token, %j, as %j', async (answer, outcome) => {
  expect(await refresh(await startVendor('stripe', { [token]: answer }))).toEqual(outcome);
});

it('reads a code that was used as one to get anew', async () => {
  const used = [400, { error: 'invalid_grant' }] satisfies Answer;
  const vendor = await startVendor('stripe', { [token]: used });
  expect(await exchange(vendor)).toEqual({ kind: 'invalid', code: 'invalid_grant' });
});

it('is asked about a token that may have been revoked', async () => {
  const answers: Answer[] = [
    { id: 'acct_1032D82eZvKYlo2C', object: 'account' },
    [401, { error: { type: 'invalid_request_error', message: 'Invalid API Key provided' } }],
    [503, {}],
  ];
  const vendor = await startVendor('stripe', { [account]: answers });
  expect([await probe(vendor), await probe(vendor), await probe(vendor)]).toEqual([
    'accepted',
    'refused',
    'unknown',
  ]);
});

it('takes a connection back for the account’s id and the secret key', async () => {
  const vendor = await startVendor('stripe', {
    'POST https://connect.stripe.com/oauth/deauthorize': [
      { stripe_user_id: 'acct_1032D82eZvKYlo2C' },
      [401, { error: 'invalid_client', error_description: 'This application is not connected' }],
    ],
  });
  const accountId = 'acct_1032D82eZvKYlo2C';
  expect(await revoke(vendor, 'refresh_token', { accountId })).toEqual({ kind: 'revoked' });
  const [asked] = vendor.requests;
  expect(asked?.headers.authorization).toBe(secretKey);
  expect(Object.fromEntries(asked?.form ?? [])).toEqual({
    client_id: client.clientId,
    stripe_user_id: accountId,
  });
  expect(await revoke(vendor, 'access_token', { accountId })).toEqual({
    kind: 'failed',
    code: 'invalid_client',
  });
});
