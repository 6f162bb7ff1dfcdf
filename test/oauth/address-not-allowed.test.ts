import { createAuthorizedFetch } from '../../src/credentials/authorized-fetch';
import { createProviderConnections } from '../../src/destinations/agent';
import type { ConnectionRules } from '../../src/destinations/connection-rules';
import { readAccount } from '../../src/oauth/account';
import { exchangeCode } from '../../src/oauth/exchange';
import { probeToken } from '../../src/oauth/probe';
import { refreshTokens } from '../../src/oauth/refresh';
import { revokeToken } from '../../src/oauth/revoke';
import { apiOrigins } from '../../src/providers/api-origins';
import type { OAuthDeclaration, Provider, ProviderDeclaration } from '../../src/providers/provider';
import { createRegistry } from '../../src/providers/registry';
import { createJwks } from '../../src/webhooks/schemes/jwks';
import { source } from '../handlers/custom/running';
import { closeServers, type Listening, serve } from './loopback';

/** A server of the machine's own, which no provider has anything to do with. */
let internal: Listening;
let origin: string;
beforeEach(async () => {
  internal = await serve((response) => response.end('{"access_token":"a","id":"1"}'));
  origin = `http://127.0.0.1:${internal.port}`;
});
afterEach(closeServers);

const closes: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0)) await close();
});

function provider(declaration: ProviderDeclaration, rules: ConnectionRules): Provider {
  const connections = createProviderConnections(rules);
  closes.push(() => connections.close());
  const made = createRegistry({ providers: { acme: declaration } }, connections).get('acme');
  if (made === undefined) throw new Error('The registry lost its provider.');
  return made;
}

const elsewhere = 'https://acme.example';

function declared(oauth: Partial<OAuthDeclaration>, more: ProviderDeclaration = {}) {
  const addresses = { authorizationUrl: `${elsewhere}/authorize`, tokenUrl: `${elsewhere}/token` };
  const client = { clientId: 'client', clientSecret: 'the-client-secret' };
  return { oauth: { ...addresses, ...client, ...oauth }, ...more };
}

const within = () => ({ signal: AbortSignal.timeout(5_000) });
const token = { value: 'the-token', hint: 'access_token' } as const;
const deletion = { method: 'DELETE', authentication: 'access_token' } as const;
const tokens = { accessToken: 'the-token' };
const exchanged = { tokens, answer: {}, asked: { client: 'c' } };

const refresh = (made: Provider) =>
  refreshTokens(made, { refreshToken: 'the-token', unansweredBefore: false }, within());

const notSent = expect.objectContaining({
  ...{ kind: 'transient', code: 'address_not_allowed', unanswered: false },
}) as unknown;

/** Every request that is made to a provider, at an address of which `at` says where it is. */
const requests: [
  what: string,
  declare: (at: string) => ProviderDeclaration,
  ask: (made: Provider, at: string) => Promise<unknown>,
  refused: unknown,
][] = [
  ['a refresh', (at) => declared({ tokenUrl: `${at}/token` }), refresh, notSent],
  [
    'an exchange',
    (at) => declared({ tokenUrl: `${at}/token` }),
    (made) => {
      const callbackUrl = new URL('https://holdfast.example/callback?code=c&state=s');
      const sent = { codeVerifier: 'v'.repeat(43), state: 's', nonce: null };
      return exchangeCode(
        made,
        { ...sent, callbackUrl, redirectUri: callbackUrl.origin },
        within(),
      );
    },
    expect.objectContaining({ code: 'address_not_allowed' }),
  ],
  ['discovery', (at) => ({ oauth: { issuer: at, clientId: 'client' } }), refresh, notSent],
  [
    'an account',
    (at) => declared({ account: { url: `${at}/me`, pointer: '/id' } }),
    (made) => readAccount(made, exchanged, within()),
    { kind: 'unavailable', code: 'address_not_allowed' },
  ],
  [
    'a probe',
    (at) => declared({}, { probe: { url: `${at}/me`, everySeconds: 60 } }),
    (made) => probeToken(made, 'the-token', within()),
    'unknown',
  ],
  [
    'a revocation',
    (at) => declared({ revocationUrl: `${at}/revoke` }),
    (made) => revokeToken(made, token, within()),
    { kind: 'failed', code: 'address_not_allowed' },
  ],
  [
    'a declared revocation',
    (at) => declared({ revocationUrl: `${at}/revoke`, revocation: deletion }),
    (made) => revokeToken(made, token, within()),
    { kind: 'failed', code: 'address_not_allowed' },
  ],
  [
    'ctx.fetch',
    (at) => declared({ apiOrigins: [at] }),
    (made, at) =>
      createAuthorizedFetch({
        origins: () => apiOrigins(made),
        tokens: source({ kind: 'alive', accessToken: 'the-token', version: 1 }),
        dispatcher: made.outgoing.dispatcher,
        signal: within().signal,
        onTokenError: () => undefined,
      })(at).catch((error: unknown) => String(error)),
    expect.stringContaining('HOLDFAST_PRIVATE_DESTINATIONS does not allow what "127.0.0.1"'),
  ],
  [
    "a sender's keys",
    () => declared({}),
    (made, at) =>
      createJwks(at, made.outgoing.connect)
        .find('k')
        .catch((error: unknown) => String(error)),
    expect.stringContaining('address_not_allowed'),
  ],
];

describe.each(requests)('%s', (_what, declare, ask, refused) => {
  const asked = (declaration: ProviderDeclaration, rules: Partial<ConnectionRules> = {}) =>
    ask(provider(declaration, { privateDestinations: 'deny', ownServers: [], ...rules }), origin);

  test('connects to no private address that is not allowed', async () => {
    expect(await asked(declare(origin))).toEqual(refused);
    expect(internal.connections).toBe(0);
  });

  test('connects to one that is allowed for all, or for a provider that is self-hosted', async () => {
    await asked(declare(origin), { privateDestinations: [`127.0.0.1:${internal.port}`] });
    expect(internal.connections).toBeGreaterThan(0);
    const before = internal.connections;
    await asked({ ...declare(origin), privateAddresses: 'allow' });
    expect(internal.connections).toBeGreaterThan(before);
  });

  test('never connects to our own servers', async () => {
    const ownServers = [{ host: 'localhost', port: internal.port }];
    await asked({ ...declare(origin), privateAddresses: 'allow' }, { ownServers });
    await asked(declare(origin), { privateDestinations: 'allow', ownServers });
    expect(internal.connections).toBe(0);
  });
});

test('what discovery finds is no way around it', async () => {
  const issuer = await serve((response, { headers }) => {
    const own = `http://${headers.host ?? ''}`;
    const metadata = {
      ...{ issuer: own, authorization_endpoint: `${own}/authorize` },
      ...{ token_endpoint: `${origin}/api/v1/namespaces/default/workflows/w/signal/s` },
      revocation_endpoint: `${origin}/revoke`,
    };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(metadata));
  });
  const acme = provider(
    { oauth: { issuer: `http://127.0.0.1:${issuer.port}`, clientId: 'client' } },
    { privateDestinations: [`127.0.0.1:${issuer.port}`], ownServers: [] },
  );
  expect(await refresh(acme)).toMatchObject({ kind: 'transient', code: 'address_not_allowed' });
  expect(await revokeToken(acme, token, within())).toEqual({
    kind: 'failed',
    code: 'address_not_allowed',
  });
  expect([internal.connections, issuer.connections]).toEqual([0, 1]);
});

test("what a connection's parameters fill in is no way around it", async () => {
  const host = '127.0.0.1';
  const acme = provider(
    declared({ tokenUrl: 'https://{host}/token', parameters: { host: /[\w.]+/ } }),
    { privateDestinations: 'deny', ownServers: [] },
  );
  const request = { refreshToken: 'the-token', unansweredBefore: false, parameters: { host } };
  expect(await refreshTokens(acme, request, within())).toMatchObject({
    kind: 'transient',
    code: 'address_not_allowed',
  });
});
