import { createHandlerRegistry } from '../../src/handlers/registry';

const handle = () => Promise.resolve();
const registry = createHandlerRegistry({ 'sync-contacts': handle });

test('a name stands for a function of the configuration', () => {
  expect(registry.get('sync-contacts')).toBe(handle);
});

test.each(['sync', 'constructor', '__proto__', ''])('%j is unknown', (name) => {
  expect(registry.get(name)).toBeUndefined();
});

test('a configuration can not take the name forward, nor bring something that is no function', () => {
  expect(() => createHandlerRegistry({ forward: handle })).toThrow('"forward" is taken');
  const broken = { broken: 'handle' } as unknown as Parameters<typeof createHandlerRegistry>[0];
  expect(() => createHandlerRegistry(broken)).toThrow('"broken" is not a function');
});
