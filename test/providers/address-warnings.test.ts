import { addressWarnings } from '../../src/providers/address-warnings';
import type { ProviderDeclaration } from '../../src/providers/provider';
import { openRegistry } from '../support/connections';

const rules = {
  privateDestinations: 'deny',
  ownServers: [{ host: 'localhost', port: 7243 }],
} as const;

function provider(at: string, more: Partial<ProviderDeclaration> = {}): ProviderDeclaration {
  const addresses = { authorizationUrl: `${at}/authorize`, tokenUrl: `${at}/token` };
  return { oauth: { ...addresses, clientId: 'client' }, ...more };
}

const warnings = (declaration: ProviderDeclaration, setting: 'allow' | 'deny' = 'deny') =>
  addressWarnings(openRegistry({ providers: { acme: declaration } }), {
    ...rules,
    privateDestinations: setting,
  });

const local = 'http://127.0.0.1:9';

test('an address that is not connected to as things are is named once, with what to do', async () => {
  const [warning, ...others] = await warnings(provider(local));
  expect(others).toEqual([]);
  expect(warning).toEqual({
    provider: 'acme',
    sentence: expect.stringMatching(
      /^http:\/\/127\.0\.0\.1:9 is not connected to \(address_not_allowed\): .*HOLDFAST_PRIVATE_DESTINATIONS.*privateAddresses: 'allow'$/,
    ) as unknown,
  });
  expect(await warnings(provider('http://localhost:9'))).toHaveLength(1);
  expect(await warnings(provider('https://10.1.2.3'))).toHaveLength(1);
  const probe = { url: 'https://192.168.0.1/me', everySeconds: 60 };
  expect(await warnings(provider(local, { probe }))).toHaveLength(2);
});

test('one that is allowed, public, or only for browsers is not', async () => {
  expect(await warnings(provider(local), 'allow')).toEqual([]);
  expect(await warnings(provider(local, { privateAddresses: 'allow' }))).toEqual([]);
  expect(await warnings(provider('https://8.8.8.8'))).toEqual([]);
  const shown = { ...provider('https://8.8.8.8').oauth, authorizationUrl: local, clientId: 'c' };
  expect(await warnings({ oauth: shown })).toEqual([]);
  expect(await warnings({ webhook: { scheme: 'github' } })).toEqual([]);
});

test('our own servers are, whatever is allowed', async () => {
  const own = provider('http://127.0.0.1:7243', { privateAddresses: 'allow' });
  expect(await warnings(own, 'allow')).toEqual([
    {
      provider: 'acme',
      sentence: expect.stringContaining("Holdfast's own Postgres or Temporal") as unknown,
    },
  ]);
});

test('a pattern that lets in any host is, with the pattern to change', async () => {
  const at = 'https://{host}';
  const oauth = { ...provider(at).oauth, clientId: 'client', parameters: { host: /[\w.-]+/ } };
  const found = await warnings({ oauth, privateAddresses: 'allow' });
  expect(found.map(({ sentence }) => sentence)).toEqual(
    ['authorize', 'token'].map((path): unknown =>
      expect.stringMatching(
        new RegExp(`^https://\\{host\\}/${path} may be any host, such as evil.*"host"`),
      ),
    ),
  );
});
