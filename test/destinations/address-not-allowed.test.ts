import { connect } from 'node:net';
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, type buildConnector, type Dispatcher } from 'undici';
import type { PrivateDestinations } from '../../src/destinations/is-reachable';
import { createDestinationAgent } from '../../src/destinations/agent';
import { guardedConnector } from '../../src/destinations/connector';
import { type Names, usualNames } from '../../src/destinations/look-up-names';
import type { OwnServer } from '../../src/destinations/own-servers';
import { forward } from '../../src/handlers/forward/forward';
import type { ForwardResult } from '../../src/handlers/attempt-result';
import { forwardOptions, requestTo } from '../handlers/forward/forwarding';
import { closeServers, countingServer } from '../handlers/loopback';

/** Its own addresses, so that one can be open and the other not. */
const [inside, outside] = ['127.0.0.1', '127.0.0.2'];

const agents: Dispatcher[] = [];
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.destroy();
  await closeServers();
});

/** A name server whose answers follow each other; the last one stays. */
function answering(...answers: string[][]): { lookup: LookupFunction; asked: () => number } {
  let asked = 0;
  const lookup: LookupFunction = (_hostname, options, callback) => {
    const answer = answers[Math.min(asked++, answers.length - 1)] ?? [];
    const found: LookupAddress[] = answer.map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    const [first] = found;
    if (options.all === true) process.nextTick(callback, null, found);
    else process.nextTick(callback, null, first?.address, first?.family);
  };
  return { lookup, asked: () => asked };
}

const namesOf = (lookup: LookupFunction): Names => ({ ...usualNames, lookup });

const rules = (privateDestinations: PrivateDestinations, ...ownServers: OwnServer[]) => ({
  privateDestinations,
  ownServers,
});

function sendVia(agent: Dispatcher, url: string): Promise<ForwardResult> {
  if (!agents.includes(agent)) agents.push(agent);
  return forward({ ...requestTo(''), destinationUrl: url }, forwardOptions(agent));
}

const send = (url: string, setting: PrivateDestinations, ...answers: string[][]) =>
  sendVia(createDestinationAgent(rules(setting), namesOf(answering(...answers).lookup)), url);

/** Connections that are made as the test makes them. */
const connectorOf = (setting: PrivateDestinations, connector: buildConnector.connector) =>
  guardedConnector(rules(setting), namesOf(answering().lookup), () => connector);

const refused = (host: string) =>
  `The destination could not be reached: address_refused; HOLDFAST_PRIVATE_DESTINATIONS does not allow what "${host}" leads to`;

test('a name that leads to a refused address is tried again later, and never connected to', async () => {
  const server = await countingServer(inside);
  expect(await send(`http://app.example:${server.port}/`, 'deny', [inside])).toEqual({
    kind: 'retry',
    error: refused('app.example'),
    retryAfterMs: null,
    status: null,
    answer: null,
  });
  expect(server.connections()).toBe(0);
  expect(await send(`http://app.example:${server.port}/`, 'allow', [inside])).toMatchObject({
    kind: 'handled',
  });
  expect(server.connections()).toBe(1);
});

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['2130706433', '127.0.0.1'],
  ['0x7f.1', '127.0.0.1'],
  ['0177.0.0.1', '127.0.0.1'],
  ['127.0.0.1.', '127.0.0.1'],
  ['0.0.0.0', '0.0.0.0'],
  ['[::ffff:127.0.0.1]', '::ffff:7f00:1'],
  ['localhost', 'localhost'],
])('the literal %s is set aside at once, and never connected to', async (host, named) => {
  const server = await countingServer('0.0.0.0');
  const url = `http://${host}:${server.port}/`;
  expect(await send(url, 'deny', [inside])).toMatchObject({
    kind: 'failed',
    error: refused(named),
  });
  expect(server.connections()).toBe(0);
  expect(await send(url, 'allow', [inside])).toMatchObject({ kind: 'handled' });
  expect(server.connections()).toBe(1);
});

test('IPv6 loopback and the unspecified address, too', async () => {
  const server = await countingServer('::');
  for (const host of ['[::1]', '[::]']) {
    const url = `http://${host}:${server.port}/`;
    expect(await send(url, 'deny')).toMatchObject({ kind: 'failed' });
    expect(server.connections()).toBe(0);
  }
  expect(await send(`http://[::1]:${server.port}/`, ['::1/128'])).toMatchObject({
    kind: 'handled',
  });
});

test('metadata addresses are refused where private ones are allowed', async () => {
  for (const host of ['169.254.169.254', '[fd00:ec2::254]', '[::ffff:a9fe:a9fe]', '2852039166']) {
    expect(await send(`http://${host}/latest/meta-data/`, 'allow')).toMatchObject({
      kind: 'failed',
      error: expect.stringContaining('address_refused') as unknown,
    });
  }
  expect(await send('http://metadata.example/', 'allow', ['169.254.169.254'])).toMatchObject({
    kind: 'retry',
    error: refused('metadata.example'),
  });
});

test('a name that changes its address between two looks: each connection is to an allowed one', async () => {
  const good = await countingServer(outside);
  const secret = await countingServer(inside, good.port);
  const { lookup, asked } = answering([outside], [inside], [outside], [inside]);
  const agent = createDestinationAgent(rules([`${outside}/32`]), namesOf(lookup));
  const url = `http://app.example:${good.port}/`;
  good.hangUpAfterEach();
  const results = [];
  for (let round = 0; round < 4; round++) results.push(await sendVia(agent, url));
  expect(results.map(({ kind }) => kind)).toEqual(['handled', 'retry', 'handled', 'retry']);
  expect([good.connections(), secret.connections(), asked()]).toEqual([2, 0, 4]);
});

test('of several addresses the allowed ones are tried, each of them, and no other', async () => {
  const good = await countingServer(outside);
  const secret = await countingServer(inside, good.port);
  const url = `http://app.example:${good.port}/`;
  const open = [`${outside}/32`, '127.0.0.3/32'];
  const mixed = [inside, '127.0.0.3', '::1', outside];
  expect(await send(url, open, mixed)).toMatchObject({ kind: 'handled' });
  expect([good.connections(), secret.connections()]).toEqual([1, 0]);
  expect(await send(url, open, [inside, '127.0.0.3'])).toMatchObject({
    kind: 'retry',
    error: 'The destination could not be reached: connection_refused',
  });
  expect([good.connections(), secret.connections()]).toEqual([1, 0]);
});

test('over TLS nothing reaches a refused address, and the handshake is made with an allowed one', async () => {
  const server = await countingServer(inside);
  const url = `https://app.example:${server.port}/`;
  expect(await send(url, 'deny', [inside])).toMatchObject({ error: refused('app.example') });
  expect(server.connections()).toBe(0);
  expect(await send(url, 'allow', [inside])).toMatchObject({ kind: 'retry' });
  expect([server.connections(), server.firstByte()]).toEqual([1, 0x16]);
});

test.each(['http', 'https'])(
  '%s: a connection that ended up elsewhere is closed before a byte is sent',
  async (protocol) => {
    const secret = await countingServer(inside);
    const astray = connectorOf('deny', (_target, callback) => {
      const socket = connect(secret.port, inside, () => callback(null, socket));
    });
    const agent = new Agent({ connect: astray });
    expect(await sendVia(agent, `${protocol}://app.example:${secret.port}/`)).toMatchObject({
      kind: 'retry',
      error: refused('app.example'),
    });
    await secret.closed();
    expect([secret.connections(), secret.firstByte()]).toEqual([1, undefined]);
  },
);

test.each([
  ['http', '80'],
  ['https', '443'],
])('an address without a port is connected to at that of %s', async (protocol, port) => {
  const ports: string[] = [];
  const connector = connectorOf('allow', (target, callback) => {
    ports.push(target.port);
    queueMicrotask(() => callback(new Error('not now'), null));
  });
  await sendVia(new Agent({ connect: connector }), `${protocol}://app.example/`);
  expect(ports).toEqual([port]);
});

test('a name that does not exist stays what it was: a network error', async () => {
  const failing: LookupFunction = (_hostname, _options, callback) => {
    process.nextTick(callback, Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []);
  };
  const agent = createDestinationAgent(rules('deny'), namesOf(failing));
  expect(await sendVia(agent, 'http://nowhere.example/')).toMatchObject({
    kind: 'retry',
    error: 'The destination could not be reached: dns',
  });
});
