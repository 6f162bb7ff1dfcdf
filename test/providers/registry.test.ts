import { openOutgoing, openRegistry } from '../support/connections';
import type { HoldfastConfiguration } from '../../src/providers/provider';
import { faultsOf, faultsOfProvider } from './faults';

const oauth = {
  authorizationUrl: 'https://acme.example/authorize',
  tokenUrl: 'https://acme.example/token',
  clientId: 'client',
  clientSecret: 'the-secret',
};

const revocation = { method: 'DELETE', authentication: 'client_secret_basic' };

const faultsOfOAuth = (more: object) => faultsOfProvider({ oauth: { ...oauth, ...more } });

it("takes the contract's example as it stands", () => {
  const acme = {
    label: 'Acme',
    oauth: {
      ...oauth,
      revocationUrl: 'https://acme.example/revoke',
      clientAuthentication: 'client_secret_basic' as const,
      scopes: ['contacts.read'],
      authorizationParameters: { access_type: 'offline', prompt: 'consent' },
      parameters: { shop: /^[a-z0-9-]+\.myshopify\.com$/ },
      account: { url: 'https://acme.example/me', pointer: '/id', labelPointer: '/email' },
      apiOrigins: ['https://api.acme.example', 'https://{shop}'],
    },
    probe: { url: 'https://acme.example/me', everySeconds: 3600 },
    webhook: {
      scheme: 'standard-webhooks' as const,
      secrets: ['whsec_x', undefined],
      accountPointer: '/account/id',
      eventsPointer: '/events',
      successStatus: 200,
    },
    refreshErrors: [{ status: 403, error: 'unauthorized_client', means: 'dead' as const }],
  };
  const registry = openRegistry({
    providers: { acme, 'other-one': { webhook: { scheme: 'none' } } },
    handlers: { 'sync-contacts': () => Promise.resolve() },
  });
  expect(registry.names()).toEqual(['acme', 'other-one']);
  expect(registry.get('acme')).toEqual({
    ...acme,
    name: 'acme',
    outgoing: openOutgoing,
  });
  expect(registry.get('other-one')).toMatchObject({ name: 'other-one', label: 'Other-one' });
  expect(registry.get('nobody')).toBeUndefined();
  expect(registry.get('constructor')).toBeUndefined();
});

it('takes an empty configuration', () => {
  expect(openRegistry({}).names()).toEqual([]);
});

it('reports every fault of every provider at once, a line each', () => {
  const faults = faultsOf({
    providers: {
      Acme: { oauth },
      empty: {},
      drawn: { webhook: { scheme: 'github' }, logoUrl: 'http://acme.example/logo.svg' },
      other: { oauth: { clientId: undefined, tokenUrl: 'nowhere', scope: ['a'] } },
    },
    handlers: { forward: () => undefined, 'a b': () => undefined, nothing: 'text' },
    handler: {},
  });
  expect(faults).toEqual([
    'providers.Acme has a bad name; allowed are lower-case letters, digits, _ and -',
    'providers.empty must have oauth or webhook, or both',
    'providers.drawn.logoUrl must be an address that begins with https://',
    'providers.other.oauth.tokenUrl must be an address, such as https://example.com/token',
    'providers.other.oauth.scope is unknown; did you mean scopes?',
    'providers.other.oauth.clientId is missing',
    'providers.other.oauth.authorizationUrl or issuer is missing',
    'handlers.a b has a bad name; allowed are letters, digits and ._:-',
    'handlers.nothing must be a function',
    'handler is unknown; did you mean handlers?',
    'handlers.forward is reserved: it posts to the destination',
  ]);
  expect(() => openRegistry({ handler: {} } as HoldfastConfiguration)).toThrow(
    'handler is unknown; did you mean handlers?',
  );
});

it.each([null, undefined, [], 'text', 7])('refuses %p as a configuration', (configuration) => {
  expect(faultsOf(configuration)).toEqual(['The configuration must be an object']);
});

it.each<[object, string]>([
  [{ tokenUrl: 'http://acme.example/token' }, 'tokenUrl must begin with https://'],
  [{ tokenUrl: 'ftp://acme.example/token' }, 'tokenUrl must begin with https://'],
  [{ tokenUrl: 'http://127.0.0.1.evil.example/' }, 'tokenUrl must begin with https://'],
  [{ tokenUrl: 'https://user:the-secret@acme.example' }, 'tokenUrl must hold no user or password'],
  [{ tokenUrl: 'https://acme.example/#x' }, 'tokenUrl must have no fragment'],
  [{ tokenUrl: 7 }, 'tokenUrl must be an address'],
  [{ tokenUrl: 'https://{shop}/t' }, 'tokenUrl has {shop}, which "parameters" doesn\'t declare'],
  [{ parameters: { shop: '.*' } }, 'parameters.shop must be a regular expression'],
  [{ parameters: { shop: /(a+)+/ } }, 'parameters.shop must not have nested quantifiers'],
  [{ parameters: { 'a b': /x/ } }, 'parameters.a b has a bad name'],
  [{ clientId: '' }, 'clientId must be a text that is not empty'],
  [{ clientSecret: undefined }, 'clientSecret is missing'],
  [
    { clientAuthentication: 'private_key_jwt' },
    'clientAuthentication must be one of client_secret',
  ],
  [{ scopes: 'a b' }, 'scopes must be a list'],
  [{ scopes: ['a', 7] }, 'scopes[1] must be a text'],
  [{ authorizationParameters: { prompt: 1 } }, 'authorizationParameters.prompt must be a text'],
  [{ apiOrigins: ['https://api.example/v1'] }, 'apiOrigins[0] must be an origin'],
  [{ tokenHeader: 'two words' }, 'tokenHeader must be the name of a header'],
  [
    { tokenHeaders: { 'x-id': '{client_id}' } },
    'tokenHeaders.x-id has {client_id}; known are {clientId}, {clientSecret}',
  ],
  [{ tokenHeaders: { 'x-id': '{refreshToken}' } }, 'tokenHeaders.x-id has {refreshToken}'],
  [{ tokenHeaders: { 'x-id': 'a\r\nb' } }, 'tokenHeaders.x-id has characters that no header'],
  [{ tokenHeaders: { 'x-id': 'a\0' } }, 'tokenHeaders.x-id has characters that no header'],
  [{ tokenHeaders: { 'x-id': '\u20ac' } }, 'tokenHeaders.x-id has characters that no header'],
  [
    {
      ...{ clientSecret: undefined, clientAuthentication: 'none' },
      tokenHeaders: { authorization: 'Basic {clientSecret}:' },
    },
    'clientSecret is missing: "tokenHeaders" holds {clientSecret}',
  ],
  [
    {
      revocationUrl: 'https://a.example',
      revocation: { ...revocation, body: { token: '{access_token}' } },
    },
    'revocation.body.token has {access_token}; known are {clientId}',
  ],
  [{ scopeSeparator: ';' }, 'scopeSeparator must be a comma or a space'],
  [{ pkce: 'S256' }, 'pkce must be true or false'],
  [{ exchangeParameters: { expiring: 1 } }, 'exchangeParameters.expiring must be a text'],
  [{ errorPointer: 'status' }, 'errorPointer must be a JSON Pointer'],
  [{ revocation }, 'revocationUrl is missing: "revocation" says how it is asked'],
  [
    { revocationUrl: 'https://a.example', revocation: { ...revocation, method: 'GET' } },
    'revocation.method must be one of POST, DELETE',
  ],
  [
    { revocationUrl: 'https://a.example', revocation: { method: 'POST' } },
    'revocation.authentication is missing',
  ],
  [{ account: {} }, 'account must have one of url, idTokenClaim, tokenResponsePointer, parameter'],
  [
    { account: { parameter: 'shop' }, parameters: { store: /x/ } },
    'account.parameter must be one of store',
  ],
  [{ account: { url: 'https://a.example' } }, 'account.pointer is missing'],
  [
    { account: { url: 'https://a.example', pointer: 'id' } },
    'account.pointer must be a JSON Pointer',
  ],
  [
    { account: { tokenResponsePointer: '/~2' } },
    'account.tokenResponsePointer must be a JSON Pointer',
  ],
  [{ account: { idTokenClaim: 'sub' }, scopes: ['openid'] }, 'issuer is missing'],
  [{ account: { idTokenClaim: 'sub' }, issuer: 'https://a.example' }, 'scopes must have openid'],
])('refuses OAuth with %p', (more, fault) => {
  const faults = faultsOfOAuth(more);
  expect(faults).toEqual([expect.stringContaining(`providers.acme.oauth.${fault}`)]);
  expect(faults.join()).not.toContain('the-secret');
});

it.each([
  'http://localhost:4000/token',
  'http://127.0.0.1:4000/token',
  'http://[::1]:4000/token',
  'http://acme.localhost/token',
])('takes %s without TLS', (tokenUrl) => {
  expect(faultsOfOAuth({ tokenUrl })).toEqual([]);
});

it('takes every placeholder that is filled in, and a brace that is none', () => {
  const tokenHeaders = { 'x-a': '{clientId} {clientSecret} {shop}', 'x-b': '{"a":1}' };
  const body = { a: '{token}{refreshToken}{accountId}{clientId}{clientSecret}{shop}', b: '{}' };
  const revoked = { revocationUrl: 'https://a.example', revocation: { ...revocation, body } };
  expect(faultsOfOAuth({ tokenHeaders, ...revoked, parameters: { shop: /x/ } })).toEqual([]);
});

it('takes a public client, and an issuer in place of addresses', () => {
  const { authorizationUrl, tokenUrl, clientId } = oauth;
  expect(faultsOfProvider({ oauth: { authorizationUrl, tokenUrl, clientId } })).toEqual([]);
  expect(faultsOfOAuth({ clientSecret: undefined, clientAuthentication: 'none' })).toEqual([]);
  expect(faultsOfProvider({ oauth: { issuer: 'https://a.example', clientId: 'c' } })).toEqual([]);
});

it.each<[object, string]>([
  [{ probe: { url: 'https://a.example' } }, 'probe.everySeconds is missing'],
  [{ probe: { url: 'http://a.example', everySeconds: 60 } }, 'probe.url must begin with https'],
  [{ probe: { url: 'https://a.example', everySeconds: 0 } }, 'probe.everySeconds must be a whole'],
  [
    { probe: { url: 'https://a.example', everySeconds: 60, activePointer: 'active' } },
    'probe.activePointer must be a JSON Pointer',
  ],
  [{ refusedErrors: 'invalid_auth' }, 'refusedErrors must be a list'],
  [{ refusedErrors: [''] }, 'refusedErrors[0] must be a text'],
  [{ refreshErrors: [{ means: 'dead' }] }, 'refreshErrors[0] must have a status or an error'],
  [{ refreshErrors: [{ status: 403 }] }, 'refreshErrors[0].means is missing'],
  [{ refreshErrors: [{ status: 403, means: 'gone' }] }, 'refreshErrors[0].means must be one of'],
  [{ refreshErrors: [{ status: 4030, means: 'dead' }] }, 'refreshErrors[0].status must be'],
  ...['Not a known sentence', 'error:gone', 'x'.repeat(65)].map((error): [object, string] => [
    { refreshErrors: [{ error: ['gone', error], means: 'dead' }] },
    'refreshErrors[0].error[1] must be an error as it is read',
  ]),
  [{ refreshErrors: {} }, 'refreshErrors must be a list'],
  [{ label: '' }, 'label must be a text'],
])('refuses a provider with %p', (more, fault) => {
  expect(faultsOfProvider({ oauth, ...more })).toEqual([
    expect.stringContaining(`providers.acme.${fault}`),
  ]);
});
