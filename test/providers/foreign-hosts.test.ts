import { builtInNames, builtInProviders } from '../../src/providers/built-in';
import { foreignAccountAddress, foreignHosts } from '../../src/providers/foreign-hosts';
import type { ProviderDeclaration } from '../../src/providers/provider';

function declared(tokenUrl: string, parameters: Record<string, RegExp>): ProviderDeclaration {
  const authorizationUrl = 'https://login.acme.example/authorize';
  return { oauth: { authorizationUrl, tokenUrl, clientId: 'c', parameters } };
}

test.each<[string, Record<string, RegExp>]>([
  ['https://{host}/token', { host: /[a-z0-9.-]+/ }],
  ['https://{host}/token', { host: /^.+$/ }],
  ['https://{host}:8443/token', { host: /\w+\.\w+/ }],
  ['https://{host}', { host: /[\d.]+/ }],
  ['https://{host}/token', { host: /[a-z]+\.(com|net)/ }],
  ['https://{host}/token', { host: /[a-z-]+\.acme\.example|[a-z]+\.io/ }],
  ['https://{host}/token', { host: /acme\.[a-z.]+/ }],
  ['https://{host}/token', { host: /acme[a-z.-]+/ }],
  ['https://{host}/token', { host: /[A-Z.]+/ }],
  ['https://{shop}.com/token', { shop: /[a-z]+/ }],
  ['https://{shop}.co.uk/token', { shop: /[a-z]{5,}/ }],
  ['https://{shop}acme.example/token', { shop: /[a-z]+/ }],
  ['https://api.{domain}/token', { domain: /[a-z.]+/ }],
  ['https://acme.{end}/token', { end: /[a-z]{2,3}/ }],
  ['https://{shop}.{domain}/token', { shop: /[a-z]+/, domain: /com|eu/ }],
  ['https://{shop}.{domain}/token', { shop: /[a-z]+/, domain: /.+/ }],
])('%s with %p may be anybody’s', (address, parameters) => {
  expect(foreignHosts(declared(address, parameters))).toEqual([
    { address, parameters: Object.keys(parameters), example: expect.any(String) as string },
  ]);
});

test.each<[string, Record<string, RegExp>]>([
  ['https://{shop}/token', { shop: /[a-z-]+\.myshopify\.com/ }],
  ['https://{shop}/token', { shop: /^[a-z0-9.-]+\.acme\.example$/ }],
  ['https://{shop}.acme.com/token', { shop: /.+/ }],
  ['https://{shop}.acme.co.uk/token', { shop: /[a-z.]+/ }],
  ['https://api-{region}.acme.com/{path}', { region: /[a-z]{2}/, path: /.+/ }],
  ['https://accounts.acme.{end}/token', { end: /com|eu|in/ }],
  ['https://{a}.{b}.{c}.acme.com/token', { a: /.+/, b: /.+/, c: /.+/ }],
  ['https://acme.example/{tenant}/token', { tenant: /.+/ }],
  ['https://acme.example/token', { unused: /.+/ }],
  ['http://127.0.0.1:9/token', {}],
])('%s with %p is the provider’s own', (address, parameters) => {
  expect(foreignHosts(declared(address, parameters))).toEqual([]);
});

test('every kind of address is looked at, each once; a provider that is self-hosted too', () => {
  const at = (path: string) => `https://{host}/${path}`;
  const webhook = { scheme: 'google-pubsub', audience: 'a', serviceAccount: 's' } as const;
  const found = foreignHosts({
    oauth: {
      ...{ clientId: 'c', issuer: at('issuer'), authorizationUrl: at('authorize') },
      ...{ tokenUrl: at('token'), revocationUrl: at('revoke'), apiOrigins: [at('token')] },
      ...{ account: { url: at('me'), pointer: '/id' }, parameters: { host: /.+/ } },
    },
    probe: { url: at('probe'), everySeconds: 60 },
    webhook: { ...webhook, keysUrl: 'https://keys.example/' },
    privateAddresses: 'allow',
  });
  expect(found.map(({ address }) => address)).toEqual(
    ['authorize', 'issuer', 'token', 'revoke', 'me', 'probe'].map(at),
  );
});

test('no built-in provider is open to it', () => {
  const client = { clientId: 'id', clientSecret: 'secret' };
  const all = builtInProviders(Object.fromEntries(builtInNames.map((name) => [name, { client }])));
  expect(Object.values(all).flatMap(foreignHosts)).toEqual([]);
});

type OAuth = NonNullable<ProviderDeclaration['oauth']>;
const addresses = {
  authorizationUrl: 'https://acme.example/a',
  tokenUrl: 'https://acme.example/t',
};
const probing = (url: string) => ({ probe: { url, everySeconds: 60 } });
const accountAt = (oauth: Partial<OAuth>, probe: Pick<ProviderDeclaration, 'probe'>) =>
  foreignAccountAddress({
    oauth: { clientId: 'c', ...addresses, parameters: { host: /.+/, shop: /[a-z]+/ }, ...oauth },
    ...probe,
  })?.address;

const byUrl = (url: string) => ({ account: { url, pointer: '/id' } });
const ofShop = { account: { parameter: 'shop' } };
const inAnswer = { account: { tokenResponsePointer: '/id' } };
const ofIssuer = { issuer: 'https://{host}', account: { idTokenClaim: 'sub' } };

test.each<[string, Partial<OAuth>, Pick<ProviderDeclaration, 'probe'>]>([
  ['https://{host}/me', byUrl('https://{host}/me'), {}],
  ['https://{host}/t', { tokenUrl: 'https://{host}/t', ...inAnswer }, {}],
  ['https://{host}', ofIssuer, {}],
  ['https://{host}/{shop}', { tokenUrl: 'https://{host}/{shop}', ...ofShop }, {}],
  ['https://{host}/{shop}', ofShop, probing('https://{host}/{shop}')],
])('whose an account is anybody may say at %s', (address, oauth, probe) => {
  expect(accountAt(oauth, probe)).toBe(address);
});

test.each<[Partial<OAuth>, Pick<ProviderDeclaration, 'probe'>]>([
  [{ tokenUrl: 'https://{host}/t', ...byUrl('https://acme.example/me') }, {}],
  [inAnswer, probing('https://{host}/me')],
  // The host is the account.
  [{ tokenUrl: 'https://{host}/t', account: { parameter: 'host' } }, {}],
  [ofShop, probing('https://acme.example/{shop}')],
  [{ tokenUrl: 'https://{host}/t' }, {}],
])('but not with %j', (oauth, probe) => {
  expect(accountAt(oauth, probe)).toBeUndefined();
});
