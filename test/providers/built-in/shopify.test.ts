import { apiOrigins } from '../../../src/providers/api-origins';
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

const token = 'POST https://{shop}/admin/oauth/access_token';
const scopes = 'GET https://{shop}/admin/oauth/access_scopes.json';
const parameters = { shop: 'johns-apparel.myshopify.com' };

const granted = {
  access_token: 'token-1',
  scope: 'read_products',
  expires_in: 3600,
  refresh_token: 'refresh-1',
  refresh_token_expires_in: 7776000,
};

it('sends a person to their own shop, scopes with commas', async () => {
  const provider = untouched('shopify');
  const { origin, pathname, searchParams } = await authorizationAddress(
    {
      ...provider,
      oauth: { clientId: 'x', ...provider.oauth, scopes: ['read_products', 'read_orders'] },
    },
    parameters,
  );
  expect(origin + pathname).toBe('https://johns-apparel.myshopify.com/admin/oauth/authorize');
  expect(searchParams.get('scope')).toBe('read_products,read_orders');
  expect(apiOrigins(provider, parameters)).toEqual(['https://johns-apparel.myshopify.com']);
});

it.each([
  'evil.example',
  'shop.myshopify.com.evil.example',
  'evil.example/.myshopify.com',
  '-.myshopify.com',
  '.myshopify.com',
  'a.b.myshopify.com',
])('S43 refuses the shop %s', async (shop) => {
  await expect(authorizationAddress(untouched('shopify'), { shop })).rejects.toMatchObject({
    code: 'invalid_request',
  });
});

it('connects with a token that expires, for the shop that the connection brought', async () => {
  const vendor = await startVendor('shopify', { [token]: granted }, parameters);
  const { tokens, account } = await connect(vendor);
  expect(tokens).toMatchObject({ accessToken: 'token-1', refreshToken: 'refresh-1' });
  expect(lifetimeSeconds(tokens)).toBe(3600);
  expect(lifetimeSeconds({ expiresAt: tokens.refreshExpiresAt })).toBe(7776000);
  expect(account).toEqual({ kind: 'account', id: parameters.shop, label: null });
  expect(Object.fromEntries(vendor.requests[0]?.form ?? [])).toMatchObject({
    client_id: client.clientId,
    client_secret: client.clientSecret,
    code: 'the-code',
    expiring: '1',
  });
});

it("takes a token that doesn't expire, too", async () => {
  const answer = { access_token: 'token-1', scope: 'read_products' };
  const { tokens } = await connect(await startVendor('shopify', { [token]: answer }, parameters));
  expect(tokens).toMatchObject({ accessToken: 'token-1', scopes: ['read_products'] });
  expect(tokens).not.toHaveProperty('expiresAt');
});

it('keeps a token for an hour where a refresh is answered without a lifetime', async () => {
  const answer = { access_token: 'token-2', refresh_token: 'refresh-2', scope: 'read_products' };
  const result = await refresh(await startVendor('shopify', { [token]: answer }, parameters));
  if (result.kind !== 'refreshed') throw new Error(result.code);
  expect(lifetimeSeconds(result.tokens)).toBe(3600);
});

it('rotates its tokens', async () => {
  const renewed = { ...granted, access_token: 'token-2', refresh_token: 'refresh-2' };
  const vendor = await startVendor('shopify', { [token]: renewed }, parameters);
  expect(await refresh(vendor)).toMatchObject({
    kind: 'refreshed',
    tokens: { accessToken: 'token-2', refreshToken: 'refresh-2' },
  });
  expect(Object.fromEntries(vendor.requests[0]?.form ?? [])).toEqual({
    grant_type: 'refresh_token',
    refresh_token: 'refresh-1',
    client_id: client.clientId,
    client_secret: client.clientSecret,
  });
});

const passing = (code: string) => ({ kind: 'transient', code, unanswered: false });

it.each<[Answer, object]>([
  [[400, { error: 'invalid_grant' }], { kind: 'dead', code: 'invalid_grant' }],
  [
    [
      401,
      {
        error: 'invalid_request',
        error_description: 'This request requires an active refresh_token',
      },
    ],
    { kind: 'dead', code: 'invalid_grant' },
  ],
  [[404, { errors: 'Not Found' }], { kind: 'dead', code: 'invalid_grant' }],
  [
    [404, '<title>Sorry, this shop is currently unavailable.</title>'],
    { kind: 'dead', code: 'invalid_grant' },
  ],
  [[400, { error: 'app_not_installed' }], { kind: 'dead', code: 'invalid_grant' }],
  [
    [400, { error: 'application_cannot_be_found' }],
    { kind: 'app_fault', code: 'application_cannot_be_found' },
  ],
  [[400, { error: 'invalid_request' }], { kind: 'app_fault', code: 'invalid_request' }],
  [[400, '<title>Oauth error invalid_request</title>'], passing('http_400')],
  [[402, { errors: 'This shop is unavailable' }], passing('http_402')],
  [[401, { error: 'invalid_client' }], { kind: 'app_fault', code: 'invalid_client' }],
  [[423, '<title>Shop is locked</title>'], passing('http_423')],
])('reads a refusal of a refresh token, %j, as %j', async (answer, outcome) => {
  const vendor = await startVendor('shopify', { [token]: answer }, parameters);
  expect(await refresh(vendor)).toEqual(outcome);
});

it("is asked about a token in Shopify's own header", async () => {
  const invalid = '[API] Invalid API key or access token (unrecognized login or wrong password)';
  const answers: Answer[] = [
    { access_scopes: [{ handle: 'read_products' }] },
    [401, { errors: invalid }],
    [402, { errors: 'Unavailable Shop' }],
  ];
  const vendor = await startVendor('shopify', { [scopes]: answers }, parameters);
  expect([await probe(vendor), await probe(vendor), await probe(vendor)]).toEqual([
    'accepted',
    'refused',
    'unknown',
  ]);
  expect(vendor.requests[0]?.headers).toMatchObject({ 'x-shopify-access-token': 'token-1' });
  expect(vendor.requests[0]?.headers.authorization).toBeUndefined();
});

it('takes no token back', async () => {
  const vendor = await startVendor('shopify', {}, parameters);
  expect(await revoke(vendor, 'refresh_token')).toEqual({ kind: 'unsupported', what: 'endpoint' });
});
