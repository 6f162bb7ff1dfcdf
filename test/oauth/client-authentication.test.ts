import type { ClientAt, ClientMethod, ClientMethods } from '../../src/oauth/client-authentication';
import { exchangeCode } from '../../src/oauth/exchange';
import { refreshTokens } from '../../src/oauth/refresh';
import type { OAuthDeclaration, Provider } from '../../src/providers/provider';
import { openRegistry } from '../support/connections';
import { acme, closeServers, serve, type SeenRequest } from './loopback';

afterEach(closeServers);

const within = () => ({ signal: AbortSignal.timeout(5_000) });
const redirectUri = 'http://localhost:3000/oauth/acme/callback';

function exchange(provider: Provider, clientMethods?: ClientMethods) {
  const callbackUrl = new URL(`${redirectUri}?code=the-code&state=the-state`);
  const secrets = { state: 'the-state', codeVerifier: 'v'.repeat(43), nonce: null };
  const given = { redirectUri, callbackUrl, ...secrets };
  return exchangeCode(provider, given, {
    ...within(),
    ...(clientMethods === undefined ? {} : { clientMethods }),
  });
}

function refresh(provider: Provider, clientMethods?: ClientMethods, parameters = {}) {
  const request = { refreshToken: 'the-refresh-token', unansweredBefore: false, parameters };
  return refreshTokens(provider, request, {
    ...within(),
    ...(clientMethods === undefined ? {} : { clientMethods }),
  });
}

/** In memory, as a database would keep it. */
function methods(): ClientMethods & { found: [ClientAt, ClientMethod][] } {
  const found: [ClientAt, ClientMethod][] = [];
  return {
    found,
    known: (at) => Promise.resolve(found.find(([where]) => where.origin === at.origin)?.[1]),
    remember: (at, method) => {
      found.push([at, method]);
      return Promise.resolve();
    },
  };
}

const presented = ({ headers, form }: SeenRequest) =>
  headers.authorization === undefined
    ? form.has('client_secret')
      ? 'post'
      : 'none'
    : Buffer.from(headers.authorization.replace('Basic ', ''), 'base64').toString();

/** Takes the client in this way only; a code that was shown is spent, whatever became of it. */
async function server(way: 'post' | 'basic', answers: { spendsCodes?: boolean } = {}) {
  let shown = 0;
  const started = await serve((response, request) => {
    const isRight = (presented(request) === 'post') === (way === 'post');
    const isSpent = answers.spendsCodes === true && shown++ > 0;
    const error = isRight ? (isSpent ? 'invalid_grant' : undefined) : 'invalid_client';
    response.writeHead(error === undefined ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(error === undefined ? { access_token: 'new' } : { error }));
  });
  const origin = `http://127.0.0.1:${started.port}`;
  return { ...started, origin, ways: () => started.requests.map(presented) };
}

describe('HTTP Basic', () => {
  it.each([
    ['gloas-a_b.c~d', 'gloas-a_b.c~d'],
    ["a:b c%d&e+f/g=h!i*j'k(l)", 'a%3Ab+c%25d%26e%2Bf%2Fg%3Dh%21i%2Aj%27k%28l%29'],
    ['ä', '%C3%A4'],
  ])('leaves what is unreserved of %s, and encodes the rest', async (clientSecret, sent) => {
    const { origin, ways } = await server('basic');
    await refresh(acme(origin, { clientId: 'my-client.id', clientSecret }));
    expect(ways()).toEqual([`my-client.id:${sent}`]);
  });
});

describe('without a declared way', () => {
  const declared = (supported?: string[]) =>
    serve((response, { url }) => {
      const at = (path: string) => `http://127.0.0.1:${port()}${path}`;
      const metadata = {
        ...{ issuer: at(''), authorization_endpoint: at('/auth'), token_endpoint: at('/token') },
        token_endpoint_auth_methods_supported: supported,
      };
      const body = url.startsWith('/.well-known') ? metadata : { access_token: 'new' };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }).then((started) => {
      port = () => started.port;
      return started;
    });
  let port = () => 0;

  it.each([
    ['post', ['private_key_jwt', 'client_secret_post']],
    ['client:the-client-secret', ['client_secret_post', 'client_secret_basic']],
    ['client:the-client-secret', ['private_key_jwt']],
    ['client:the-client-secret', undefined],
  ])('it is %s where the metadata name %j', async (way, supported) => {
    const { requests } = await declared(supported);
    const oauth = { clientId: 'client', clientSecret: 'the-client-secret' };
    const issuer = `http://127.0.0.1:${port()}`;
    const provider = openRegistry({ providers: { acme: { oauth: { ...oauth, issuer } } } });
    const acmeProvider = provider.get('acme');
    if (acmeProvider === undefined) throw new Error('The registry lost its provider.');
    expect(await refresh(acmeProvider)).toMatchObject({ kind: 'refreshed' });
    expect(requests.slice(1).map(presented)).toEqual([way]);
  });
});

describe('a client that is not known at the exchange', () => {
  const basic = 'client:the-client-secret';

  it.each<['post' | 'basic', Partial<OAuthDeclaration>, string[], ClientMethod]>([
    ['post', {}, [basic, 'post'], 'client_secret_post'],
    [
      'basic',
      { clientAuthentication: 'client_secret_post' },
      ['post', basic],
      'client_secret_basic',
    ],
  ])('is tried once in the other way: %s', async (way, oauth, shown, method) => {
    const { origin, ways } = await server(way);
    const provider = acme(origin, oauth);
    const clientMethods = methods();
    expect(await exchange(provider, clientMethods)).toMatchObject({
      kind: 'exchanged',
      asked: { client: `client ${origin}`, status: 200 },
    });
    expect(ways()).toEqual(shown);
    expect(clientMethods.found).toEqual([
      [
        { provider: 'acme', clientId: 'client', origin, declared: oauth.clientAuthentication },
        method,
      ],
    ]);
    expect(await refresh(provider, clientMethods)).toMatchObject({ kind: 'refreshed' });
    expect(await exchange(provider, clientMethods)).toMatchObject({ kind: 'exchanged' });
    expect(ways()).toEqual([...shown, shown[1], shown[1]]);
  });

  it('is at fault where neither works, or the code is spent by then', async () => {
    const fault = { kind: 'app_fault', code: 'invalid_client' };
    const spent = await server('post', { spendsCodes: true });
    const clientMethods = methods();
    expect(await exchange(acme(spent.origin), clientMethods)).toEqual(fault);
    expect(spent.requests).toHaveLength(2);
    const never = await serve((response) =>
      response.writeHead(401).end('{"error":"invalid_client"}'),
    );
    expect(await exchange(acme(`http://127.0.0.1:${never.port}`), clientMethods)).toEqual(fault);
    expect(never.requests).toHaveLength(2);
    expect(clientMethods.found).toEqual([]);
  });

  it.each<[string, Partial<OAuthDeclaration>]>([
    ['it has no secret', { clientAuthentication: 'none' }],
    ['a header stands for it', { tokenHeaders: { Authorization: 'Basic {clientSecret}:' } }],
  ])('is tried in no other way where %s', async (_why, oauth) => {
    const never = await serve((response) =>
      response.writeHead(401).end('{"error":"invalid_client"}'),
    );
    const provider = acme(`http://127.0.0.1:${never.port}`, oauth);
    expect(await exchange(provider, methods())).toMatchObject({ code: 'invalid_client' });
    expect(never.requests).toHaveLength(1);
  });

  it('is tried in no other way at a refresh, nor for another error', async () => {
    const { origin, requests } = await server('post');
    expect(await refresh(acme(origin), methods())).toMatchObject({ kind: 'app_fault' });
    expect(requests).toHaveLength(1);
    const other = await serve((response) =>
      response.writeHead(400).end('{"error":"invalid_grant"}'),
    );
    const provider = acme(`http://127.0.0.1:${other.port}`);
    expect(await exchange(provider, methods())).toMatchObject({ code: 'invalid_grant' });
    expect(other.requests).toHaveLength(1);
  });
});

it('declared headers go along, and one for authorization replaces the client in it and in the body', async () => {
  const { requests, port } = await serve((response) => response.end('{"access_token":"new"}'));
  const origin = `http://127.0.0.1:${port}`;
  await refresh(acme(origin, { tokenHeaders: { 'X-Hard-End': 'true', 'X-Id': '{clientId}' } }));
  await refresh(acme(origin, { tokenHeaders: { authorization: 'Basic {clientSecret}:' } }));
  const tokenHeaders = { authorization: '{clientSecret}', 'x-shop': '{shop}' };
  const whole = { clientSecret: 'Basic YTpi', tokenHeaders, parameters: { shop: /[a-z]+/ } };
  await refresh(acme(origin, whole), undefined, { shop: 'mine' });
  const [beside, instead, filled] = requests;
  expect(filled?.headers).toMatchObject({ authorization: 'Basic YTpi', 'x-shop': 'mine' });
  expect(beside?.headers).toMatchObject({ 'x-hard-end': 'true', 'x-id': 'client' });
  expect(beside && presented(beside)).toBe('client:the-client-secret');
  expect(instead && presented(instead)).toBe('the-client-secret:');
  expect([...(instead?.form.keys() ?? [])].sort()).toEqual(['grant_type', 'refresh_token']);
});
