import { request } from 'node:http';
import { createServer } from 'node:net';
import { ConfigError } from '../../src/config/settings';
import { createLog } from '../../src/lib/log';
import { watchServer } from '../../src/lib/watch-server';
import { listenForOperators, type WorkerPort } from '../../src/worker/port';
import { type Observed, readinessOf } from '../../src/worker/readiness';
import { taskQueues } from '../../workflows/contract/ids';
import { eventually } from '../support/eventually';

const log = createLog('silent');
const token = 'a-token';
const queues = Object.values(taskQueues);
const running = (states: Record<string, string> = {}) =>
  queues.map((taskQueue) => ({
    getState: () => states[taskQueue] ?? 'RUNNING',
    options: { taskQueue },
  })) as unknown as Observed['workers'];
const well = (): Observed => ({
  phase: 'running',
  postgres: { answersWithin: () => true },
  temporal: { sinceAnswerMs: () => 59_999 },
  workers: running(),
});

let parts = well();
let measure: () => Promise<{ contentType: string; text: string }>;
const open: WorkerPort[] = [];
const listen = async (options: { port?: number; isMeasured?: boolean } = {}) => {
  const port = await listenForOperators({
    ...{ host: '127.0.0.1', port: options.port ?? 0, metricsToken: token, log },
    readiness: () => readinessOf(parts),
    measured: options.isMeasured === false ? undefined : () => measure(),
  });
  open.push(port);
  return port.url;
};
let url: string;
beforeAll(async () => {
  url = await listen();
});
beforeEach(() => {
  parts = well();
  measure = () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', text: 'up 1\n' });
});
afterAll(() => Promise.all(open.map((port) => port.close())));

const ready = async () => {
  const answer = await fetch(`${url}/readyz`);
  return { code: answer.status, ...((await answer.json()) as object) };
};

test('it is ready while all workers run and both servers answer', async () => {
  const workers = Object.fromEntries(queues.map((queue) => [queue, 'RUNNING']));
  const ok = { status: 'ok', postgres: 'ok', temporal: 'ok', workers };
  expect(await ready()).toEqual({ code: 200, ...ok });
  parts = { ...well(), workers: running({ 'holdfast-drain': 'STOPPING' }) };
  expect(await ready()).toEqual({
    ...{ code: 503, ...ok, status: 'unavailable' },
    workers: { ...workers, 'holdfast-drain': 'STOPPING' },
  });
  parts = { ...well(), postgres: { answersWithin: (ms) => ms > 1_000 } };
  expect(await ready()).toMatchObject({ code: 503, postgres: 'unavailable', temporal: 'ok' });
  parts = { ...well(), temporal: { sinceAnswerMs: () => 60_001 } };
  expect(await ready()).toMatchObject({ code: 503, postgres: 'ok', temporal: 'unavailable' });
});

test('while it starts and stops it is not ready, and is up all the same', async () => {
  for (const phase of ['starting', 'stopping'] as const) {
    parts = { ...well(), phase };
    expect(await ready()).toMatchObject({ code: 503, status: phase });
    const health = await fetch(`${url}/healthz`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
  }
  parts = { phase: 'starting', workers: [] };
  expect(await ready()).toEqual({
    ...{ code: 503, status: 'starting', postgres: 'unavailable', temporal: 'unavailable' },
    workers: Object.fromEntries(queues.map((queue) => [queue, 'INITIALIZED'])),
  });
});

/** Milliseconds for an answer: the median of 21, some of which a busy machine delays. */
async function usualMs(): Promise<number> {
  const took: number[] = [];
  while (took.length < 21) {
    const askedAt = performance.now();
    await ready();
    took.push(performance.now() - askedAt);
  }
  return took.sort((one, other) => one - other)[10] ?? Infinity;
}

test('a server that hangs makes it unready within a second, and no answer slower than 50 ms', async () => {
  let hang = false;
  const never = new Promise<never>(() => undefined);
  const watch = watchServer({
    ...{ server: 'postgres', log, everyMs: 50 },
    ask: () => (hang ? never : Promise.resolve()),
    unreachable: () => undefined,
    recovered: () => undefined,
  });
  parts = { ...well(), postgres: watch };
  await eventually(async () => expect(await ready()).toMatchObject({ code: 200 }));
  expect(await usualMs()).toBeLessThan(50);
  hang = true;
  const since = performance.now();
  await eventually(async () => expect(await ready()).toMatchObject({ code: 503 }), {
    ...{ timeoutMs: 10_000, everyMs: 20 },
  });
  // Before the look itself is given up, after three seconds.
  expect(performance.now() - since).toBeLessThan(2_900);
  expect(await usualMs()).toBeLessThan(50);
  expect(await ready()).toMatchObject({ code: 503, postgres: 'unavailable' });
  hang = false;
  await eventually(async () => expect(await ready()).toMatchObject({ code: 200 }), {
    timeoutMs: 10_000,
  });
  watch.stop();
});

test('what is measured is there for this machine, or with the token, and nowhere where nothing is', async () => {
  const read = (headers: Record<string, string> = {}) => fetch(`${url}/metrics`, { headers });
  const answer = await read();
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
    ...[200, 'text/plain; version=0.0.4', 'up 1\n'],
  ]);
  const through = { 'x-forwarded-for': '203.0.113.1' };
  expect((await read(through)).status).toBe(404);
  expect((await read({ ...through, authorization: `Bearer ${token}` })).status).toBe(200);
  expect((await read({ ...through, authorization: `Bearer ${token}x` })).status).toBe(404);
  measure = () => Promise.reject(new Error('it broke'));
  expect((await read()).status).toBe(503);
  const off = await listen({ isMeasured: false });
  expect((await fetch(`${off}/metrics`)).status).toBe(404);
});

test.each([
  ['GET', '/', 404],
  ['GET', '/healthz/', 404],
  ['GET', '/__proto__', 404],
  ['GET', '//healthz', 404],
  ['GET', '/healthz?x=1', 200],
  ['HEAD', '/healthz', 200],
  ['POST', '/readyz', 405],
  ['DELETE', '/metrics', 405],
])('%s %s gets %i', async (method, path, status) => {
  const { port } = new URL(url);
  const body = method === 'POST' ? 'x'.repeat(100_000) : '';
  const answered = await new Promise<number | undefined>((resolve, reject) => {
    request({ host: '127.0.0.1', port, method, path, agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    })
      .once('error', reject)
      .end(body);
  });
  expect(answered).toBe(status);
});

test('a taken port is told with its setting', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  const refused = listen({ port });
  await expect(refused).rejects.toBeInstanceOf(ConfigError);
  await expect(refused).rejects.toThrow(
    `HOLDFAST_WORKER_PORT: port ${port} on 127.0.0.1 is taken by another process; free it, or set another port (0: a free one)`,
  );
  taken.close();
});
