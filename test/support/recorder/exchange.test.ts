import { type Exchange, isForTaker, secretsOf } from './exchange';

const exchange = (parts: Partial<Exchange>): Exchange => ({
  path: '/',
  requestHeaders: {},
  requestBody: Buffer.alloc(0),
  responseHeaders: {},
  responseBody: Buffer.alloc(0),
  ...parts,
});

const json = (value: unknown) => Buffer.from(JSON.stringify(value));

/** `kind value`, of those that have a value. */
const found = (parts: Partial<Exchange>) =>
  secretsOf(exchange(parts))
    .map(({ kind, value }) => [kind, Buffer.from(value).toString()] as const)
    .filter(([, value]) => value !== '')
    .map((pair) => pair.join(' '));

test('of a token request: what was shown, what was issued, and both bodies', () => {
  const form = 'grant_type=authorization_code&code=c-1&code_verifier=v-1&client_secret=s%2B1';
  const answer = json({ access_token: 'a-1', refresh_token: 'r-1', id_token: 'i-1' });
  expect(
    found({ path: '/token', requestBody: Buffer.from(form), responseBody: answer }).sort(),
  ).toEqual([
    'access token a-1',
    'authorization code c-1',
    'client secret s+1',
    'code verifier v-1',
    'id token i-1',
    'refresh token r-1',
    `token endpoint body ${form}`,
    `token endpoint body ${answer.toString()}`,
  ]);
});

test('of a token request that is answered with no JSON: the page', () => {
  const requestBody = Buffer.from('grant_type=refresh_token&refresh_token=r-2');
  expect(found({ requestBody, responseBody: Buffer.from('<h1>Bad gateway</h1>') })).toContain(
    'token endpoint body <h1>Bad gateway</h1>',
  );
});

test('of a token request that is answered with an error’s code alone: nothing of that', () => {
  const requestBody = Buffer.from('grant_type=refresh_token&refresh_token=r-2');
  const bodies = found({ requestBody, responseBody: Buffer.from('\ufeffinvalid_grant\r\n') });
  expect(bodies.join(' ')).not.toContain('invalid_grant');
});

test.each([
  ['/v1/integrations', 'Bearer k', ['api key k']],
  ['/api/users/ada/pause', 'Bearer s', ['session token s']],
  ['/me', 'bearer t', ['access token t']],
  ['/token', `Basic ${Buffer.from('client:a%3Ab+c').toString('base64')}`, ['client secret a:b c']],
  ['/token', `Basic ${Buffer.from('client:100%').toString('base64')}`, ['client secret 100%']],
])('of the header of a request to %s: %s', (path, authorization, secrets) => {
  expect(found({ path, requestHeaders: { authorization } })).toEqual(secrets);
});

test('of cookies: those that are sent and those that are set', () => {
  expect(
    found({
      requestHeaders: { cookie: 'one=1; two=2' },
      responseHeaders: { 'set-cookie': ['three=3; Path=/', 'four=; Max-Age=0'] },
    }),
  ).toEqual(['cookie 1', 'cookie 2', 'cookie 3']);
});

test('of a way to a provider and back: state and code', () => {
  const location = 'https://acme.test/authorize?client_id=c&state=s-1';
  expect(found({ responseHeaders: { location } })).toEqual(['oauth state s-1']);
  expect(found({ path: '/oauth/acme/callback?code=c-1&state=s-1' })).toEqual([
    'authorization code c-1',
    'oauth state s-1',
  ]);
});

test('of the API: tokens that are stored, secrets that are shown once, sessions and their links', () => {
  const credentials = { main: { accessToken: 'a', refreshToken: 'r' } };
  const shown = { webhookSecret: 'w', destination: { secret: 'd' }, state: 'ENABLED', code: null };
  expect(
    found({
      path: '/v1/integrations',
      requestBody: json({ credentials }),
      responseBody: json(shown),
    }),
  ).toEqual(['webhook secret w', 'destination secret d', 'access token a', 'refresh token r']);
  expect(
    found({ path: '/v1/integrations/i/webhook-secrets', responseBody: json({ secret: 'w' }) }),
  ).toEqual(['webhook secret w']);
  const code = 'c'.repeat(43);
  expect(
    found({
      path: '/v1/sessions',
      responseBody: json({ token: 't', url: `https://holdfast.test/s/${code}` }),
    }),
  ).toEqual(['session token t', `link code ${code}`]);
  expect(found({ path: `/s/${code}` })).toEqual([`link code ${code}`]);
});

test('of a notification: the code in its address, which is no provider’s', () => {
  const code = 'c'.repeat(43);
  const reconnectUrl = `https://holdfast.test/reconnect/int_1?code=${code}`;
  expect(found({ requestBody: json({ data: { reconnectUrl } }) })).toEqual([
    `reconnect code ${code}`,
  ]);
  expect(found({ path: `/reconnect/int_1?code=${code}` })).toEqual([`reconnect code ${code}`]);
});

test('of an error nothing, and of a webhook all of it', () => {
  expect(found({ responseBody: json({ error: { code: 'not_found', message: 'No.' } }) })).toEqual(
    [],
  );
  expect(found({ path: '/webhooks/int_1', requestBody: Buffer.from('{"a":1}') })).toEqual([
    'webhook body {"a":1}',
  ]);
});

test('authorization servers and stand-ins for Holdfast are known by what they are asked', () => {
  expect(
    [
      { requestBody: Buffer.from('a=b&grant_type=refresh_token') },
      { path: '/authorize?client_id=c&response_type=code' },
      { path: '/.well-known/openid-configuration' },
      { path: '/v1/sessions' },
      { path: '/webhooks/int_1' },
      { path: '/hook' },
      { path: '/v1/contacts' },
    ].map((parts) => isForTaker(exchange(parts))),
  ).toEqual([true, true, true, true, true, false, false]);
});
