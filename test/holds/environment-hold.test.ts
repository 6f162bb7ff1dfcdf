import type { Config } from '../../src/config';
import { migrate } from '../../src/db/migrate';
import { startGateway } from '../../src/gateway/main';
import { applyEnvironmentHold } from '../../src/holds/environment-hold';
import { createLog } from '../../src/lib/log';
import { startWorker } from '../../src/worker/main';
import { emptyDatabase, testDatabase } from '../support/servers/database';
import { eventually } from '../support/eventually';
import { type Scene, startScene } from '../support/scenes/scene';
import { startTcpProxy } from '../support/doubles/tcp-proxy';
import { testWorkflowBundle } from '../support/servers/workflow-bundle';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene({ config: { hold: 'set at the start' } });
}, 60_000);
afterAll(() => scene.close());

const patient = { timeoutMs: 60_000, everyMs: 100 };
const log = createLog('silent');
const starts = {
  gateway: (config: Config) =>
    startGateway(config, { configuration: scene.system.configuration, log }),
  worker: (config: Config) =>
    startWorker(config, {
      configuration: scene.system.configuration,
      log,
      workflowBundlePath: testWorkflowBundle(),
    }),
};

/** Starts one more beside those that run, and ends it. */
async function startOnce(what: keyof typeof starts, config: Partial<Config>): Promise<void> {
  const started = await starts[what]({ ...scene.system.config, ...config });
  await started.close();
}

const show = async () => (await scene.system.api('GET', '/v1/hold')).body;

test('S49 HOLDFAST_HOLD keeps what comes until a process starts without it, which wakes what was kept', async () => {
  const integration = await scene.connect();
  const sent = [await scene.webhook(integration), await scene.webhook(integration)];
  expect(sent.map(({ status, outcome }) => [status, outcome])).toEqual([
    [202, 'parked'],
    [202, 'parked'],
  ]);
  expect(await scene.show(integration.id)).toMatchObject({
    hold: { by: 'operator', reason: 'set at the start' },
  });
  // It outlives the processes, and the API can't lift it.
  await scene.system.stopWorker();
  await scene.system.startWorker();
  expect(await scene.system.api('DELETE', '/v1/hold')).toMatchObject({
    status: 409,
    body: { error: { code: 'held_by_environment' } },
  });
  expect(await scene.webhook(integration)).toMatchObject({ outcome: 'parked' });
  expect(scene.destination.received).toEqual([]);

  await startOnce('gateway', { hold: undefined });
  expect(await show()).toEqual({ hold: null });
  await eventually(() => expect(scene.destination.received).toHaveLength(3), patient);
  expect(await scene.webhook(integration)).toMatchObject({ outcome: 'accepted' });
}, 120_000);

test('of several starts the last one says what holds, and touches no hold but its own', async () => {
  await startOnce('worker', { hold: 'first' });
  const first = await show();
  expect(first).toMatchObject({ hold: { reason: 'first', source: 'environment' } });
  await startOnce('gateway', { hold: 'second' });
  expect(await show()).toEqual({ hold: { ...(first as { hold: object }).hold, reason: 'second' } });
  await scene.system.api('PUT', '/v1/hold', { reason: 'by hand' });
  await scene.system.api('PUT', '/api/users/ada/pause', { paused: true });
  await startOnce('worker', { hold: undefined });
  expect(await show()).toMatchObject({ hold: { reason: 'by hand', source: 'api' } });
  expect((await scene.system.api('DELETE', '/v1/hold')).status).toBe(204);
  expect(await show()).toEqual({ hold: null });
  expect((await scene.system.api('GET', '/api/users/ada/pause')).body).toMatchObject({
    by: 'user',
  });
}, 120_000);

test('each change that a start makes has its row in the audit, a start that changes nothing none', async () => {
  const db = await testDatabase();
  const actors = { sweepNow: () => Promise.resolve() };
  try {
    for (const hold of [undefined, 'one', 'one', 'two', undefined, undefined]) {
      await (await applyEnvironmentHold({ pool: db.pool, hold, log, actors })).stop();
    }
    const { rows } = await db.pool.query(
      'SELECT actor_kind, actor_name, action, subject FROM audit ORDER BY at',
    );
    const by = { actor_kind: 'operator', actor_name: 'HOLDFAST_HOLD', subject: null };
    expect(rows).toEqual([
      { ...by, action: 'hold.set' },
      { ...by, action: 'hold.set' },
      { ...by, action: 'hold.lifted' },
    ]);
  } finally {
    await db.drop();
  }
}, 60_000);

test.each(['gateway', 'worker'] as const)(
  'a %s that starts while Postgres is away holds, or lifts, once it is there',
  async (what) => {
    const url = new URL(scene.system.config.databaseUrl ?? '');
    const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
    [url.hostname, url.port] = ['127.0.0.1', String(proxy.port)];
    try {
      for (const hold of ['while it was away', undefined]) {
        const before = await show();
        proxy.cut();
        const config = { ...scene.system.config, hold, databaseUrl: url.href };
        const started = await starts[what](config);
        try {
          expect(await show()).toEqual(before);
          proxy.mend();
          await eventually(
            async () =>
              expect(await show()).toMatchObject({ hold: hold ? { reason: hold } : null }),
            patient,
          );
        } finally {
          await started.close();
        }
      }
    } finally {
      await proxy.close();
    }
  },
  120_000,
);

test('a database without tables is told once it has them, and a stop ends the waiting', async () => {
  const empty = await emptyDatabase();
  const deps = { pool: empty.pool, hold: 'early\0', log };
  const actors = { sweepNow: () => Promise.reject(new Error('nothing was lifted')) };
  const reasons = async () =>
    (await empty.pool.query<{ reason: string }>('SELECT reason FROM holds')).rows;
  try {
    const stopped = await applyEnvironmentHold({ ...deps, actors });
    await stopped.stop();
    const applied = await applyEnvironmentHold({ ...deps, actors });
    try {
      await migrate(empty.url, log);
      await eventually(
        async () => expect(await reasons()).toEqual([{ reason: 'early\ufffd' }]),
        patient,
      );
    } finally {
      await applied.stop();
    }
  } finally {
    await empty.drop();
  }
}, 60_000);
