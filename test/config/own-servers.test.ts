import { ownServers } from '../../src/config/own-servers';
import { parseConfig } from '../../src/config';

const hosts = (databaseUrl: string) =>
  ownServers({ databaseUrl, temporalAddress: undefined, temporalPorts: [] });

test.each<[string, { host: string; port: number }[]]>([
  ['postgres://u:p@db.internal/holdfast', [{ host: 'db.internal', port: 5432 }]],
  ['postgres://u:p@db.internal:6432/holdfast', [{ host: 'db.internal', port: 6432 }]],
  ['postgres://u@[fd00::5]:5433/holdfast', [{ host: 'fd00::5', port: 5433 }]],
  ['postgres://u@h/holdfast?host=10.0.0.5&port=6000', [{ host: '10.0.0.5', port: 6000 }]],
  ['postgres:///holdfast?host=/var/run/postgresql', [{ host: 'localhost', port: 5432 }]],
  ['postgres://u@%2Fvar%2Frun%2Fpostgresql/holdfast', [{ host: 'localhost', port: 5432 }]],
  [
    'postgres://u@one,two:5433/holdfast',
    [
      { host: 'one', port: 5433 },
      { host: 'two', port: 5433 },
    ],
  ],
  ['postgresql:///holdfast', [{ host: 'localhost', port: 5432 }]],
  ['postgres://h/x?sslrootcert=/nowhere&sslmode=verify-full', [{ host: 'h', port: 5432 }]],
])('%s is Postgres at %p', (databaseUrl, expected) => {
  expect(hosts(databaseUrl)).toEqual(expected);
});

test('beside an external Temporal its usual ports on this machine are ours, too', () => {
  const usual = [7233, 7243, 8233].map((port) => ({ host: 'localhost', port }));
  const of = (env: Record<string, string>) => parseConfig(env).ownServers;
  expect(of({})).toEqual(usual);
  expect(of({ TEMPORAL_ADDRESS: 'temporal.internal:7234' })).toEqual([
    { host: 'temporal.internal', port: 7234 },
    ...usual,
  ]);
  expect(of({ TEMPORAL_ADDRESS: '[fd00::7]:7233', DATABASE_URL: 'postgres://db/x' })).toEqual([
    { host: 'db', port: 5432 },
    { host: 'fd00::7', port: 7233 },
    ...usual,
  ]);
  expect(of({ TEMPORAL_ADDRESS: 'http://temporal:7233' })).toContainEqual({
    host: 'temporal',
    port: 7233,
  });
});

test.each([
  ['https://temporal.corp.example/ui/', { host: 'temporal.corp.example', port: 443 }],
  ['http://[fd00::8]:8080', { host: 'fd00::8', port: 8080 }],
  ['http://10.0.0.8', { host: '10.0.0.8', port: 80 }],
])('so is its UI, where it is named: %s', (url, expected) => {
  expect(parseConfig({ HOLDFAST_TEMPORAL_UI_URL: url }).ownServers).toContainEqual(expected);
});

test('of one that was started here its own ports are', () => {
  const servers = ownServers({
    databaseUrl: 'postgres://u@127.0.0.1:54320/x',
    temporalAddress: '127.0.0.1:17233',
    temporalPorts: [17_233, 18_233, 23_456],
  });
  expect(servers.map(({ port }) => port)).toEqual([54_320, 17_233, 17_233, 18_233, 23_456]);
});
