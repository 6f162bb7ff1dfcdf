import { execFile } from 'node:child_process';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { createActors } from '../../src/temporal/actors';
import { createTemporal, type Temporal } from '../../src/temporal/client';
import { testTemporal } from '../support/servers/temporal';

/**
 * In a process of its own: jest tracks promises itself. With promise hooks every continuation has an id of its own,
 * without them those of one turn share one.
 */
const script = `
  const { executionAsyncId } = require('node:async_hooks');
  const { createActors } = require('./dist/src/temporal/actors.js');
  const { createTemporal } = require('./dist/src/temporal/client.js');
  async function promisesAreTracked() {
    const ids = new Set();
    for (let count = 0; count < 3; count++) {
      await Promise.resolve();
      ids.add(executionAsyncId());
    }
    return ids.size > 1;
  }
  async function main(address, namespace) {
    const temporal = createTemporal({ address, namespace });
    const { client } = temporal;
    const describe = () => client.workflowService.describeNamespace({ namespace });
    const tracked = [];
    const call = client.withDeadline(Date.now() + 10_000, describe);
    tracked.push(await promisesAreTracked());
    await call;
    await describe();
    tracked.push(await promisesAreTracked());
    const signal = createActors(client).webhookReceived('int_1', []);
    await new Promise((resolve) => setImmediate(resolve));
    tracked.push(await promisesAreTracked());
    await signal;
    await temporal.close();
    console.log(JSON.stringify(tracked));
  }
  main(...process.argv.slice(1));
`;

/** Takes connections and never says anything. */
async function startSilentServer() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe('call contexts', () => {
  let temporal: Temporal;
  let own: { address: string; namespace: string };

  beforeAll(async () => {
    own = await testTemporal();
    temporal = createTemporal(own);
  });
  afterAll(() => temporal.close());

  test('promises are tracked during a call with a deadline, not after it nor during a signal', async () => {
    const args = ['-e', script, own.address, own.namespace];
    const cwd = path.resolve(__dirname, '../..');
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd });
    const needed = parseInt(process.versions.node, 10) < 24;
    expect(JSON.parse(stdout)).toEqual([needed, false, false]);
  });

  test('a deadline holds until its calls are over, whatever other calls end meanwhile', async () => {
    const silent = await startSilentServer();
    const mute = createTemporal({ ...own, address: silent.address });
    const { client } = mute;
    const started = performance.now();
    const call = client.withDeadline(Date.now() + 500, async () => {
      await temporal.client.workflowService.describeNamespace({ namespace: own.namespace });
      await new Promise((resolve) => setTimeout(resolve, 50));
      return client.workflowService.describeNamespace({ namespace: own.namespace });
    });
    await expect(call).rejects.toThrow('DEADLINE_EXCEEDED');
    expect(performance.now() - started).toBeLessThan(4_000);
    await mute.close();
    silent.close();
  });

  test('a signal that nobody answers fails after five seconds', async () => {
    const silent = await startSilentServer();
    const mute = createTemporal({ ...own, address: silent.address });
    const started = performance.now();
    await expect(createActors(mute.client).webhookReceived('int_1', [])).rejects.toMatchObject({
      code: 'temporal_unavailable',
    });
    expect(performance.now() - started).toBeGreaterThan(4_500);
    expect(performance.now() - started).toBeLessThan(15_000);
    await mute.close();
    silent.close();
  });
});
