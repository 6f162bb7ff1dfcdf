import { builtInNames, withBuiltIns, type Apps } from '../../../src/providers/built-in';
import { proofAtConnection } from '../../../src/oauth/probe';
import { openOutgoing, openRegistry } from '../../support/connections';
import type { HoldfastConfiguration } from '../../../src/providers/provider';

const client = { clientId: 'id-of-the-app', clientSecret: 'secret-of-the-app' };
const all = Object.fromEntries(builtInNames.map((name) => [name, { client }]));

it('are those of the contract, each good as a declaration', () => {
  const registry = openRegistry(withBuiltIns({}, all));
  expect(registry.names()).toEqual([
    'attio',
    'github',
    'google',
    'hubspot',
    'shopify',
    'slack',
    'stripe',
    'stripe-apps',
  ]);
  for (const name of registry.names()) {
    expect(registry.get(name)).toMatchObject({ oauth: client });
  }
  expect(registry.get('hubspot')?.label).toBe('HubSpot');
});

it('say whose the tokens of a connection are, so that nobody is asked at a reconnect', () => {
  const { providers = {} } = withBuiltIns({}, all);
  for (const [name, declaration] of Object.entries(providers)) {
    expect([name, proofAtConnection(declaration)]).toEqual([name, 'origin']);
  }
});

it('do not exist where the application has no settings for them', () => {
  expect(openRegistry(withBuiltIns({}, {})).names()).toEqual([]);
  expect(openRegistry(withBuiltIns({}, { slack: { client } })).names()).toEqual(['slack']);
});

it('have webhooks alone where there is a secret for those alone', () => {
  const registry = openRegistry(
    withBuiltIns({}, { github: { webhookSecret: 'shared' }, google: { webhookSecret: 'shared' } }),
  );
  expect(registry.names()).toEqual(['github']);
  expect(registry.get('github')).toEqual({
    name: 'github',
    label: 'GitHub',
    outgoing: openOutgoing,
    webhook: expect.objectContaining({ scheme: 'github', secrets: ['shared'] }) as unknown,
  });
});

it('have webhooks at addresses of their own without a secret of the app', () => {
  const { webhook } = openRegistry(withBuiltIns({}, all)).get('github') ?? {};
  expect(webhook).toMatchObject({ scheme: 'github' });
  expect(webhook).not.toHaveProperty('secrets');
});

it('take the client secret for their webhooks where the provider signs with that, and no other is set', () => {
  const secretsOf = (apps: Apps) =>
    openRegistry(withBuiltIns({}, apps))
      .names()
      .map((name) => openRegistry(withBuiltIns({}, apps)).get(name))
      .filter((provider) => provider?.webhook?.secrets !== undefined)
      .map((provider) => [provider?.name, provider?.webhook?.secrets]);
  expect(secretsOf(all)).toEqual([
    ['hubspot', [client.clientSecret]],
    ['shopify', [client.clientSecret]],
  ]);
  expect(secretsOf({ hubspot: { client, webhookSecret: 'another' } })).toEqual([
    ['hubspot', ['another']],
  ]);
});

it('know where a webhook names its account, but for Google, whose have settings of their own', () => {
  const registry = openRegistry(withBuiltIns({}, all));
  const named = registry.names().filter((name) => {
    const { accountPointer, accountHeader } = registry.get(name)?.webhook ?? {};
    return accountPointer !== undefined || accountHeader !== undefined;
  });
  expect(named).toEqual(builtInNames.filter((name) => name !== 'google').sort());
});

it("are replaced wholly by the file's provider of the same name", () => {
  const own = { webhook: { scheme: 'none' as const } };
  const handlers = { h: () => Promise.resolve() };
  const merged = withBuiltIns({ providers: { slack: own, acme: own }, handlers }, all);
  const registry = openRegistry(merged);
  expect(registry.names()).toEqual([...builtInNames, 'acme'].sort());
  expect(registry.get('slack')).toEqual({
    ...{ ...own, name: 'slack', label: 'Slack' },
    outgoing: openOutgoing,
  });
  expect(merged.handlers).toBe(handlers);
});

it.each([[[]], [{ providers: [] }], [{ providers: 'none' }], [{ providers: null }]])(
  'leave a file that is no configuration to the registry: %j',
  (broken) => {
    const merged = withBuiltIns(broken as HoldfastConfiguration, all);
    expect(() => openRegistry(merged)).toThrow('must be an object');
  },
);
