import type { LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { createDestinationAgent } from '../../src/destinations/agent';
import { createObjections } from '../../src/destinations/connection-rules';
import { locateOwnServers } from '../../src/destinations/locate-own-servers';
import { isOwnServer } from '../../src/destinations/own-servers';
import { forward } from '../../src/handlers/forward/forward';
import { forwardOptions, requestTo } from '../handlers/forward/forwarding';
import { closeServers, countingServer } from '../handlers/loopback';

const ofThisMachine = () => ['127.0.0.1', '::1', '192.168.7.7', 'fd00::7'];
const is = (address: string, port: number, host: string, ...addresses: string[]) =>
  isOwnServer(
    { hostname: address, address, port },
    [{ host, port: 5432, addresses }],
    ofThisMachine,
  );

const here = [
  ...['127.0.0.1', '127.9.9.9', '::1', '0.0.0.0', '::', '::ffff:127.0.0.1', '::ffff:0.0.0.0'],
  ...['192.168.7.7', '::ffff:192.168.7.7', 'fd00::7', '64:ff9b::127.0.0.1'],
];

test.each(here)('a server on loopback has its port on this machine: %s', (address) => {
  for (const own of ['127.0.0.1', '::1', '0.0.0.0', '127.0.1.1']) {
    expect(is(address, 5432, 'db', own)).toBe(true);
    expect(is(address, 5433, 'db', own)).toBe(false);
  }
  expect(is('192.168.7.8', 5432, 'db', '127.0.0.1')).toBe(false);
});

test('a server elsewhere has every port of its host, in each of its addresses', () => {
  for (const port of [1, 5432, 5433]) {
    expect(is('10.0.0.5', port, 'db', '10.0.0.4', '10.0.0.5')).toBe(true);
    expect(is('::ffff:10.0.0.5', port, 'db', '10.0.0.5')).toBe(true);
    expect(is('10.0.0.5', port, 'db', '::ffff:10.0.0.5')).toBe(true);
    expect(is('fd00::5', port, 'db', 'fd00::5')).toBe(true);
    expect(is('10.0.0.6', port, 'db', '10.0.0.5')).toBe(false);
    expect(is('127.0.0.1', port, 'db', '10.0.0.5')).toBe(false);
  }
});

test('a server at an address of this machine has both: every port there, and its own everywhere', () => {
  expect(is('192.168.7.7', 1, 'db', '192.168.7.7')).toBe(true);
  expect(is('127.0.0.1', 5432, 'db', '192.168.7.7')).toBe(true);
  expect(is('fd00::7', 5432, 'db', '192.168.7.7')).toBe(true);
  expect(is('127.0.0.1', 1, 'db', '192.168.7.7')).toBe(false);
});

const objections = createObjections(
  {
    privateDestinations: ['127.0.0.0/8', 'localhost:5432', 'db.internal:80', '10.0.0.0/8'],
    ownServers: [
      { host: 'localhost', port: 5432 },
      { host: 'db.internal', port: 5432 },
      { host: '10.0.0.5', port: 7233 },
    ],
  },
  ofThisMachine,
);

test.each([
  ['localhost', 5432],
  ['127.0.0.1', 5432],
  ['[::ffff:7f00:1]', 5432],
  ['db.internal', 80],
  ['DB.internal.', 9999],
  ['10.0.0.5', 1],
])(
  'what the address alone shows is refused at once, also where it is listed: %s:%i',
  (host, port) => {
    expect(objections.toHost(host, port)).toBe('own_server');
  },
);

test('what is beside them is not', () => {
  expect(objections.toHost('localhost', 5433)).toBeUndefined();
  expect(objections.toHost('x.db.internal', 5432)).toBeUndefined();
  expect(objections.toHost('10.0.0.6', 7233)).toBeUndefined();
  expect(objections.toHost('192.168.7.7', 1)).toBe('not_public');
});

describe('at a connection', () => {
  const agents: { destroy(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.destroy();
    await closeServers();
  });

  /** Names as a name server has them at the moment; `Error`s are what it answers. */
  function agentFor(host: string, port: number, names: Record<string, string[] | Error>) {
    const asked: string[] = [];
    const lookup: LookupFunction = (name, _options, callback) => {
      asked.push(name);
      const answer = names[name] ?? notFound;
      if (answer instanceof Error) process.nextTick(callback, answer, []);
      else
        process.nextTick(
          callback,
          null,
          answer.map((address) => ({ address, family: 4 })),
        );
    };
    let nowMs = 0;
    const agent = createDestinationAgent(
      { privateDestinations: 'allow', ownServers: [{ host, port }] },
      { lookup, locate: (servers) => locateOwnServers(servers, lookup, { now: () => nowMs }) },
    );
    agents.push(agent);
    const send = (destinationUrl: string) =>
      forward({ ...requestTo(''), destinationUrl }, forwardOptions(agent));
    return { send, asked, pass: (ms: number) => void (nowMs += ms) };
  }

  const notFound = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
  const notNow = Object.assign(new Error('not now'), { code: 'EAI_AGAIN' });
  const own = (host: string) =>
    `The destination could not be reached: address_refused; "${host}" leads to Postgres or Temporal of Holdfast itself, which nothing else connects to`;

  test('our own server is not connected to: by its address, and by a name that leads there', async () => {
    const server = await countingServer('0.0.0.0');
    const beside = await countingServer('127.0.0.1');
    const { send } = agentFor('localhost', server.port, { 'app.example': ['127.0.0.1'] });
    const [interfaceAddress = '127.0.0.1'] = Object.values(networkInterfaces())
      .flatMap((found = []) => found)
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => address);
    for (const host of ['127.0.0.1', 'localhost', '0.0.0.0', '2130706433', interfaceAddress]) {
      const sent = await send(`http://${host}:${server.port}/api/v1/namespaces`);
      expect(sent).toMatchObject({
        kind: 'failed',
        error: own(new URL(`http://${host}`).hostname),
      });
    }
    const named = await send(`https://app.example:${server.port}/`);
    expect(named).toMatchObject({ kind: 'retry', error: own('app.example') });
    expect(server.connections()).toBe(0);
    expect(await send(`http://app.example:${beside.port}/`)).toMatchObject({ kind: 'handled' });
  });

  test('its host is looked up again after 5 s, and no port of it is connected to', async () => {
    const server = await countingServer('127.0.0.2');
    // As if it were a machine of its own.
    const elsewhere = await countingServer('127.0.0.3', server.port);
    const names: Record<string, string[] | Error> = { 'db.internal': ['127.0.0.2'] };
    const { send, asked, pass } = agentFor('db.internal', server.port, names);
    const url = `http://127.0.0.2:${server.port}/`;
    expect(await send(url)).toMatchObject({ kind: 'retry' });
    names['db.internal'] = ['10.255.255.1'];
    pass(900);
    expect(await send(url)).toMatchObject({ kind: 'retry' });
    expect(asked).toEqual(['db.internal']);
    pass(4_100);
    expect(await send(url)).toMatchObject({ kind: 'handled' });
    names['db.internal'] = ['127.0.0.3'];
    pass(5_000);
    names['app.example'] = ['127.0.0.3'];
    expect(await send(`http://app.example:${server.port}/`)).toMatchObject({
      kind: 'retry',
      error: own('app.example'),
    });
    expect([server.connections(), elsewhere.connections()]).toEqual([1, 0]);
    expect(asked.filter((name) => name === 'db.internal')).toHaveLength(3);
  });

  test('where its host can not be looked up, what was known of it counts; without that nothing is connected to', async () => {
    const server = await countingServer('127.0.0.2');
    const names: Record<string, string[] | Error> = { 'db.internal': notNow };
    const { send, pass } = agentFor('db.internal', server.port, names);
    const url = `http://127.0.0.2:${server.port}/`;
    expect(await send(url)).toMatchObject({
      kind: 'retry',
      error: 'The destination could not be reached: dns',
    });
    names['db.internal'] = ['127.0.0.2'];
    expect(await send(url)).toMatchObject({ kind: 'retry', error: own('127.0.0.2') });
    for (const answer of [notNow, notFound]) {
      names['db.internal'] = answer;
      pass(5_000);
      expect(await send(url)).toMatchObject({ kind: 'retry', error: own('127.0.0.2') });
    }
    expect(server.connections()).toBe(0);
    const fresh = agentFor('db.internal', server.port, { 'db.internal': notFound });
    expect(await fresh.send(url)).toMatchObject({ kind: 'handled' });
  });
});

test('a lookup of its host that hangs is waited for once, and what was known last counts', async () => {
  let nowMs = 0;
  let asked = 0;
  const lookup: LookupFunction = (_name, _options, callback) => {
    if (asked++ === 0) callback(null, [{ address: '10.0.0.5', family: 4 }]);
  };
  const locate = locateOwnServers([{ host: 'db.internal', port: 5432 }], lookup, {
    now: () => nowMs,
    limitMs: 50,
  });
  const known = [{ host: 'db.internal', port: 5432, addresses: ['10.0.0.5'] }];
  for (const [atMs, askedThen] of [
    [0, 1],
    [999, 1],
    [4_999, 2],
    [5_000, 2],
    [9_999, 2],
  ] as const) {
    nowMs = atMs;
    expect(await locate()).toEqual(known);
    expect(asked).toBe(askedThen);
  }
  const unknown = locateOwnServers([{ host: 'db.internal', port: 5432 }], () => undefined, {
    limitMs: 50,
  });
  await expect(unknown()).rejects.toMatchObject({ code: 'EAI_AGAIN' });
});
