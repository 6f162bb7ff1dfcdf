import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { startTemporalServer } from '../../../src/dev/temporal/server';
import { freePort } from '../../support/processes/free-port';
import { temporaryFolder } from '../../support/processes/holdfast';
import { binaryVariable } from '../../support/servers/own-temporal';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

/** Counts its starts, and ends as the dev server does where another process took one of its ports. */
function panicsFirst(panics: number): { binary: string; starts: () => number } {
  const binary = path.join(folder.dir, 'temporal');
  const counts = path.join(folder.dir, 'starts');
  const real = process.env[binaryVariable] ?? '';
  const script = `#!/bin/sh
echo start >> ${counts}
[ $(wc -l < ${counts}) -gt ${panics} ] && exec ${real} "$@"
echo "panic: runtime error: invalid memory address or nil pointer dereference"; exit 2
`;
  writeFileSync(binary, script);
  chmodSync(binary, 0o755);
  return { binary, starts: () => readFileSync(counts, 'utf8').trim().split('\n').length };
}

test('a dev server that ends at once is started again', async () => {
  const { binary, starts } = panicsFirst(2);
  const logFile = path.join(folder.dir, 'temporal.log');
  const server = await startTemporalServer({ binary, port: await freePort(), logFile });
  try {
    expect(server.hasExited()).toBe(false);
    expect(starts()).toBe(3);
  } finally {
    await server.stop();
  }
}, 60_000);

test('after three starts it is an error that shows the end of the log', async () => {
  const { binary, starts } = panicsFirst(9);
  const logFile = path.join(folder.dir, 'temporal.log');
  const start = startTemporalServer({ binary, port: await freePort(), logFile });
  await expect(start).rejects.toThrow(/Temporal did not start\.[^]*nil pointer dereference/);
  expect(starts()).toBe(3);
}, 60_000);

test('all that a dev server listens at is known', async () => {
  const logFile = path.join(folder.dir, 'temporal.log');
  const pidFile = path.join(folder.dir, 'temporal.pid');
  const binary = process.env[binaryVariable] ?? '';
  const [port, uiPort] = [await freePort(), await freePort()];
  const server = await startTemporalServer({ binary, port, uiPort, logFile, pidFile });
  try {
    const known = new Set(server.ports);
    expect([known.has(port), known.has(uiPort)]).toEqual([true, true]);
    // gRPC, HTTP, metrics and UI, and three inner services.
    expect(known.size).toBe(7);
    if (existsSync('/proc/net/tcp')) {
      expect(new Set(listeningPorts(Number(readFileSync(pidFile, 'utf8'))))).toEqual(known);
    }
  } finally {
    await server.stop();
  }
}, 60_000);

/** On Linux: the ports of a process's listening sockets (proc(5), proc_net_tcp(5)). */
function listeningPorts(pid: number): number[] {
  const sockets = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? ''];
    } catch {
      return [];
    }
  });
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.includes(inode ?? '-'))
      .map(([, local = '']) => parseInt(local.split(':')[1] ?? '', 16)),
  );
}
