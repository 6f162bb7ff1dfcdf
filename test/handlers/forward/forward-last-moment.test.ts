import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { createDestinationAgent } from '../../../src/destinations/agent';
import { forward, type ForwardRequest } from '../../../src/handlers/forward/forward';
import type { ForwardResult } from '../../../src/handlers/attempt-result';
import { delivery, secret } from '../deliveries';
import { closeServers, tcpServer } from '../loopback';
import { openRules } from '../../support/connections';

const leaseMs = 100;
let leaseEnd: number;
let agent: Dispatcher;

beforeEach(() => {
  leaseEnd = Infinity;
  agent = createDestinationAgent(openRules);
});
afterEach(async () => {
  await agent.destroy();
  await closeServers();
});

/** From then on `leaseMs` are left, for a `beforeSend` that looks at the clock as a drain does. */
function leaseRunsOut(): void {
  leaseEnd = performance.now() + leaseMs;
}

/** Stops the whole process as far as it can tell: no callback runs, the clock goes on. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Counts requests that arrived whole, and answers each. */
function completeRequests(socket: Socket, count: () => void): void {
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    const headEnd = bytes.indexOf('\r\n\r\n');
    const length = Number(/content-length: (\d+)/.exec(bytes.toString('latin1'))?.[1]);
    if (headEnd < 0 || bytes.length < headEnd + 4 + length) return;
    bytes = bytes.subarray(headEnd + 4 + length);
    count();
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
  });
}

function requestTo(destinationUrl: string, body: Buffer): ForwardRequest {
  return {
    delivery: delivery({ body }),
    destinationUrl,
    secrets: [secret],
    sequence: '1',
    installationId: 'own',
    credentialVersion: null,
  };
}

function post(origin: string, body: Buffer, dispatcher = agent): Promise<ForwardResult> {
  return forward(requestTo(origin, body), {
    dispatcher,
    signal: new AbortController().signal,
    timeoutMs: 20_000,
    beforeSend: () => {
      if (performance.now() > leaseEnd) throw new Error('the lease is over');
    },
  });
}

const small = Buffer.from('{}');

test('S26 stopped while connecting, continued after the lease: nothing is sent', async () => {
  let complete = 0;
  const origin = await tcpServer((socket) => completeRequests(socket, () => complete++));
  const result = post(origin, small);
  leaseRunsOut();
  standStill(leaseMs + 50);
  expect(await result).toEqual({ kind: 'aborted' });
  leaseEnd = Infinity;
  expect(await post(origin, small)).toMatchObject({ kind: 'handled' });
  expect(complete).toBe(1);
});

test('S26 stopped before a kept connection is used again: nothing is sent', async () => {
  let complete = 0;
  const origin = await tcpServer((socket) => completeRequests(socket, () => complete++));
  expect(await post(origin, small)).toMatchObject({ kind: 'handled' });
  const result = post(origin, Buffer.alloc(0));
  leaseRunsOut();
  standStill(leaseMs + 50);
  expect(await result).toEqual({ kind: 'aborted' });
  leaseEnd = Infinity;
  expect(await post(origin, small)).toMatchObject({ kind: 'handled' });
  expect(complete).toBe(2);
});

test('S26 a connection that takes longer than the lease: not one byte is sent', async () => {
  let connections = 0;
  let bytes = 0;
  const origin = await tcpServer((socket) => {
    connections++;
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
  });
  const connect = buildConnector({});
  const slow = new Agent({
    connect: (target, callback) => {
      setTimeout(() => connect(target, callback), leaseMs + 50);
    },
  });
  leaseRunsOut();
  expect(await post(origin, small, slow)).toEqual({ kind: 'aborted' });
  await slow.destroy();
  expect([connections, bytes]).toEqual([1, 0]);
});

test('S26 stopped in the middle of a large body: the request never becomes complete', async () => {
  let complete = 0;
  let arrived: (socket: Socket) => void = () => undefined;
  const reader = new Promise<Socket>((resolve) => {
    arrived = resolve;
  });
  const origin = await tcpServer((socket) => {
    socket.once('data', () => {
      socket.pause();
      arrived(socket);
    });
  });
  const body = Buffer.alloc(32 * 1024 * 1024);
  const result = post(origin, body);
  const socket = await reader;
  leaseRunsOut();
  standStill(leaseMs + 50);
  completeRequests(socket, () => complete++);
  const closed = once(socket, 'close');
  socket.resume();
  expect(await result).toEqual({ kind: 'aborted' });
  await closed;
  expect(complete).toBe(0);
  expect(socket.bytesRead).toBeGreaterThan(0);
});

test('aborted while connecting: nothing is sent once the connection stands', async () => {
  let connected: () => void = () => undefined;
  const standing = new Promise<void>((resolve) => {
    connected = resolve;
  });
  let bytes = 0;
  const origin = await tcpServer((socket) => {
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length)).on('close', connected);
  });
  const connect = buildConnector({});
  let dialled: (goOn: () => void) => void = () => undefined;
  const dialling = new Promise<() => void>((resolve) => {
    dialled = resolve;
  });
  const slow = new Agent({
    connect: (target, callback) => dialled(() => connect(target, callback)),
  });
  const controller = new AbortController();
  const beforeSend = jest.fn();
  const result = forward(requestTo(origin, small), {
    dispatcher: slow,
    signal: controller.signal,
    timeoutMs: 5000,
    beforeSend,
  });
  const goOn = await dialling;
  controller.abort();
  expect(await result).toEqual({ kind: 'aborted' });
  goOn();
  await slow.close();
  await standing;
  expect(beforeSend).not.toHaveBeenCalled();
  expect(bytes).toBe(0);
});

test('the time limit counts while connecting, too', async () => {
  const never = new Agent({ connect: () => undefined });
  const options = { dispatcher: never, timeoutMs: 50, beforeSend: () => undefined };
  const signal = new AbortController().signal;
  expect(
    await forward(requestTo('http://127.0.0.1:1', small), { ...options, signal }),
  ).toMatchObject({
    kind: 'retry',
    error: 'The destination did not answer within 50 ms',
  });
  await never.destroy();
});
