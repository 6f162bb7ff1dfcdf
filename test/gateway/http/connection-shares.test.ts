import { connect, type Socket } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { requestLimits } from '../../../src/gateway/http/request-limits';
import { createLog } from '../../../src/lib/log';
import { eventually } from '../../support/eventually';

const mostConnections = 12;
const lines: string[] = [];
let app: FastifyInstance;
let port: number;
const sockets: Socket[] = [];

beforeAll(async () => {
  app = fastify();
  void app.register(requestLimits, {
    log: createLog('warn', { write: (line) => lines.push(line) }),
    // Of the loopback addresses only one is a proxy's.
    senderOf: (peer = '') => ({ address: peer, key: peer, isShared: peer === '127.0.0.9' }),
    mostConnections,
  });
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await eventually(async () => expect(await open()).toBe(0));
});
afterAll(() => app.close());

const open = () =>
  new Promise<number>((resolve) => {
    app.server.getConnections((_error, count) => resolve(count));
  });

/** How many of so many connections from an address stay open. */
async function kept(localAddress: string, count: number): Promise<number> {
  const begun = Array.from({ length: count }, () =>
    connect({ port, host: '127.0.0.1', localAddress }).on('error', () => undefined),
  );
  sockets.push(...begun);
  const settled = begun.map(
    (socket) =>
      new Promise<boolean>((resolve) => {
        socket.once('data', () => resolve(true)).once('close', () => resolve(false));
        socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
      }),
  );
  return (await Promise.all(settled)).filter(Boolean).length;
}

test('S20 one address has half of all connections, and the next one half of the rest', async () => {
  expect(await kept('127.0.0.1', 12)).toBe(6);
  expect(await kept('127.0.0.2', 12)).toBe(3);
  expect(await kept('127.0.0.3', 12)).toBe(1);
  expect(lines[0]).toMatch(/"address":"127.0.0.1","connections":7[^]*too many connections/);
});

test('a proxy’s connections are everybody’s', async () => {
  expect(await kept('127.0.0.9', mostConnections - 1)).toBe(mostConnections - 1);
  expect(await kept('127.0.0.9', 2)).toBe(1);
});
