import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { readCommandLine } from '../../src/cli/command-line';
import { commands } from '../../src/cli/commands';
import { faultsOf, type Overview, overviewSchema } from '../../src/cli/status-faults';
import { overviewText } from '../../src/cli/status-text';
import { Value } from 'typebox/value';
import { markProxy } from '../support/recorder/server-roles';

const at = '2026-11-30T12:00:00.000Z';
const well: Overview = {
  at,
  integrations: { ENABLED: 3, DISABLED: 1, ERROR: 1 },
  broken: [],
  deliveries: { due: 2, parked: 4, deadLetters: 0, oldestDueAt: '2026-11-30T11:59:00.000Z' },
  failingDestinations: [],
  ...{ holds: 0, applicationFaults: 0 },
  notifications: { waiting: 1, oldestAt: '2026-11-30T11:58:00.000Z' },
  sweep: { lastAt: '2026-11-30T11:59:40.000Z', late: false, paused: false },
  actors: { stuck: null, healedLastDay: null },
  schema: { version: 17, pending: 0 },
  database: { bytes: 3 * 2 ** 20 },
};

test('where nothing is wrong it says so, and how everything stands', () => {
  expect(overviewText(well, 'http://localhost:3000')).toBe(
    `All is well at http://localhost:3000.

  Integrations   3 ENABLED, 1 DISABLED, 1 ERROR (1 not connected yet)
  Deliveries     2 due (the oldest for 60 s), 4 parked, 0 dead letters
  Notifications  1 waiting
  Holds          0
  Last sweep     2026-11-30T11:59:40.000Z (20 s ago)
  Schema         17
  Database       3 MiB
`,
  );
});

const hoursAgo = '2026-11-30T09:00:00.000Z';
const broken = {
  ...{ provider: 'acme', code: 'invalid_grant', count: 2, oldestSince: hoursAgo, example: 'int_1' },
};
const failing = {
  origin: 'https://a.example',
  integrations: 1,
  since: hoursAgo,
  error: 'HTTP 500',
};

test.each<[string, Partial<Overview>, RegExp]>([
  [
    'broken',
    { broken: [broken] },
    /^2 integrations of acme broken: invalid_grant, .*\(3 h ago\) \(int_1\)/,
  ],
  [
    'a destination',
    { failingDestinations: [failing] },
    /^https:\/\/a\.example fails for 1 integration since .*: HTTP 500$/,
  ],
  [
    'a handler',
    { failingDestinations: [{ ...failing, origin: 'handler:sync-contacts' }] },
    /^The handler "sync-contacts" fails for 1 integration since /,
  ],
  ['dead letters', { deliveries: { ...well.deliveries, deadLetters: 5 } }, /^5 dead letters/],
  ['late', { deliveries: { ...well.deliveries, oldestDueAt: hoursAgo } }, /^Deliveries are late/],
  ['application', { applicationFaults: 1 }, /^1 provider rejects the /],
  ['application of several', { applicationFaults: 2 }, /^2 providers reject the /],
  ['notifications', { notifications: { waiting: 2, oldestAt: hoursAgo } }, /^2 notifications/],
  [
    'Temporal away',
    { sweep: { ...well.sweep, paused: null } },
    /^Whether the sweep is paused could not be learnt: Temporal doesn't answer, or /,
  ],
  ['paused', { sweep: { ...well.sweep, paused: true } }, /^The sweep is paused/],
  [
    'swept late',
    { sweep: { ...well.sweep, lastAt: null, late: true } },
    /^The sweep is late: none/,
  ],
  ['stuck', { actors: { stuck: 1, healedLastDay: 0 } }, /^1 actor/],
  ['migrations', { schema: { version: 16, pending: 1 } }, /^The database lacks 1 migration/],
])('something wrong is said with what to do: %s', (_name, part, what) => {
  const overview = { ...well, ...part };
  const [fault, ...others] = faultsOf(overview);
  expect([fault?.what, others]).toEqual([expect.stringMatching(what), []]);
  const text = overviewText(overview, 'http://localhost:3000');
  expect(text).toMatch(/^1 thing wrong at http:\/\/localhost:3000\.\n\n- /);
  expect(text).toContain(`\n  ${fault?.remedy ?? 'none'}\n`);
});

test('what could not be told is a fault', () => {
  const unknown: Overview = {
    at,
    integrations: { ENABLED: null, DISABLED: null, ERROR: null },
    ...{ broken: null, failingDestinations: null, holds: null, applicationFaults: null },
    deliveries: { due: null, parked: null, deadLetters: null, oldestDueAt: null },
    notifications: { waiting: null, oldestAt: null },
    sweep: { lastAt: null, late: null, paused: null },
    actors: null,
    schema: { version: null, pending: null },
    database: { bytes: null },
  };
  expect(Value.Check(overviewSchema, unknown)).toBe(true);
  expect(faultsOf(unknown).map(({ what }) => what)).toEqual([
    expect.stringMatching(/^Whether the sweep is paused could not be learnt/),
    'Could not be told: integrations, broken integrations, deliveries, dead letters, failing destinations, holds, application faults, notifications, sweep, schema, database size.',
  ]);
  expect(overviewText(unknown, 'x')).toMatch(/^2 things wrong at x/);
  expect(overviewText(unknown, 'x')).toContain('Deliveries     ? due, ? parked, ? dead letters\n');
  const slow = { ...well, deliveries: unknown.deliveries, actors: null };
  expect(faultsOf(slow).map(({ what }) => what)).toEqual([
    'Could not be told: deliveries, dead letters.',
  ]);
  expect(faultsOf({ ...well, actors: null })).toEqual([]);
});

test('a remedy names a route that is there', () => {
  const [fault] = faultsOf({ ...well, deliveries: { ...well.deliveries, deadLetters: 1 } });
  const route = /POST \/v1(\S+)/.exec(fault?.remedy ?? '')?.[1]?.replace('<id>', ':id');
  const routes = path.resolve(__dirname, '../../src/gateway/api/routes/replays.ts');
  expect(readFileSync(routes, 'utf8')).toMatch(new RegExp(`app\\.post\\(\\s*'${route}',`));
});

test('the command ends with 1 where something is wrong, and with 0 where nothing is, also as JSON', async () => {
  let answer = well;
  const server = createServer((_request, response) => response.end(JSON.stringify(answer)));
  // It stands for a gateway: keys are sent to it.
  markProxy(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const env = { HOLDFAST_URL: `http://127.0.0.1:${port}`, HOLDFAST_API_KEY: 'a-key' };
  const printed = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const run = async (...words: string[]) => {
    printed.mockClear();
    const line = readCommandLine(['status', ...words], commands);
    if (line.kind !== 'run') throw new Error(line.kind);
    const code = await line.command.run({ env, cwd: '/' }, line.values, []);
    return [code, printed.mock.calls.join('')];
  };
  try {
    expect(await run()).toEqual([0, overviewText(well, env.HOLDFAST_URL)]);
    expect(await run('--json')).toEqual([0, `${JSON.stringify(well)}\n`]);
    answer = { ...well, applicationFaults: 1 };
    expect(await run()).toEqual([1, overviewText(answer, env.HOLDFAST_URL)]);
    expect(await run('--json')).toEqual([1, `${JSON.stringify(answer)}\n`]);
  } finally {
    printed.mockRestore();
    server.close();
  }
});
