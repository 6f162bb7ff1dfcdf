import { builtInNames, withBuiltIns } from '../../src/providers/built-ins';
import { createRegistry } from '../../src/providers/registry';
import type { HoldfastConfiguration } from '../../src/providers/provider';

const client = { clientId: 'id-of-the-app', clientSecret: 'secret-of-the-app' };
const all = Object.fromEntries(builtInNames.map((name) => [name, { client }]));

it('are those of the contract, each good as a declaration', () => {
  const registry = createRegistry(withBuiltIns({}, all));
  expect(registry.names()).toEqual([
    'attio',
    'github',
    'google',
    'hubspot',
    'shopify',
    'slack',
    'stripe',
  ]);
  for (const name of registry.names()) {
    expect(registry.get(name)).toMatchObject({ oauth: client });
  }
  expect(registry.get('hubspot')?.label).toBe('HubSpot');
});

it('do not exist where the application has no settings for them', () => {
  expect(createRegistry(withBuiltIns({}, {})).names()).toEqual([]);
  expect(createRegistry(withBuiltIns({}, { slack: { client } })).names()).toEqual(['slack']);
});

it('have webhooks alone where there is a secret for those alone', () => {
  const registry = createRegistry(
    withBuiltIns({}, { github: { webhookSecret: 'shared' }, google: { webhookSecret: 'shared' } }),
  );
  expect(registry.names()).toEqual(['github']);
  expect(registry.get('github')).toEqual({
    name: 'github',
    label: 'GitHub',
    webhook: { scheme: 'github', secrets: ['shared'] },
  });
});

it('have webhooks at addresses of their own without a secret of the app', () => {
  const { webhook } = createRegistry(withBuiltIns({}, all)).get('github') ?? {};
  expect(webhook).toEqual({ scheme: 'github' });
});

it("are replaced wholly by the file's provider of the same name", () => {
  const own = { webhook: { scheme: 'none' as const } };
  const handlers = { h: () => Promise.resolve() };
  const merged = withBuiltIns({ providers: { slack: own, acme: own }, handlers }, all);
  const registry = createRegistry(merged);
  expect(registry.names()).toEqual([...builtInNames, 'acme'].sort());
  expect(registry.get('slack')).toEqual({ ...own, name: 'slack', label: 'Slack' });
  expect(merged.handlers).toBe(handlers);
});

it.each([[[]], [{ providers: [] }], [{ providers: 'none' }], [{ providers: null }]])(
  'leave a file that is no configuration to the registry: %j',
  (broken) => {
    const merged = withBuiltIns(broken as HoldfastConfiguration, all);
    expect(() => createRegistry(merged)).toThrow('must be an object');
  },
);
