import { Registry } from 'prom-client';
import { createHeal, type HealDeps } from '../../../activities/sweep/heal';
import { createLog } from '../../../src/lib/log';
import { createWorkerMetrics } from '../../../src/metrics/worker';
import { linesOf } from '../../support/log-events';
import { insertIntegration, insertIntegrations } from '../../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { nothingToHeal } from './sweeping';

/** What heals on real servers: `test/system/operations/heal.test.ts`. */
let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase();
});
afterEach(() => db.drop());

const ended = (...ids: string[]) =>
  ids.map((id) => ({ workflowId: `integration:${id}`, runId: `run of ${id}` }));
const list =
  (runs: ReturnType<typeof ended>, isAll = true): HealDeps['runs']['endedSince'] =>
  () =>
    Promise.resolve({ runs, isAll });
const terminated = () => Promise.resolve({ runId: 'r', state: 'terminated' as const });

function healing(runs: Partial<HealDeps['runs']>, fails: readonly string[] = []) {
  const started: string[] = [];
  const lines: string[] = [];
  const none = () => Promise.resolve();
  const registry = new Registry();
  const heal = createHeal({
    pool: db.pool,
    actors: {
      ...{ lookAtCredential: none, credentialDeleted: none },
      ...{ noticeWaiting: none, replayWaiting: none },
      lookAtIntegration: (id) => {
        if (fails.includes(id)) return Promise.reject(new Error('not to be started'));
        started.push(id);
        return Promise.resolve();
      },
    },
    runs: { ...nothingToHeal, current: terminated, ...runs },
    log: createLog('info', { write: (line) => void lines.push(line) }),
    metrics: createWorkerMetrics(registry, { providers: [], handlers: [] }),
  });
  /** The series of those that were healed, less those at 0. */
  const counted = async () =>
    (await registry.metrics())
      .split('\n')
      .filter((line) => /^holdfast_actors_healed_total\{.* [1-9]/.test(line));
  return { heal, started, lines, counted };
}

const healedSecondsAgo = async () => {
  const { rows } = await db.pool.query<{ ago: number | null; compared: boolean }>(
    `SELECT extract(epoch FROM now() - healed_at)::float8 AS ago, compare_asked_at IS NULL AS compared
     FROM sweep_state`,
  );
  return rows[0];
};
const anHourAgo = () =>
  db.pool.query(
    "UPDATE sweep_state SET healed_at = now() - interval '1 hour', compare_asked_at = NULL",
  );

test('where Temporal can not tell who fails, who has ended is healed all the same; that is said once, until it can again', async () => {
  await insertIntegration(db.pool, { id: 'int_a' });
  let isTooOld = true;
  const { heal, started, lines } = healing({
    failing: () => (isTooOld ? Promise.reject(new Error('invalid query')) : Promise.resolve([])),
    endedSince: list(ended('int_a')),
  });
  await heal();
  await heal();
  expect(new Set(started)).toEqual(new Set(['int_a']));
  expect(linesOf(lines, 'sweep.failing_unread')).toMatchObject([{ level: 'warn' }]);
  expect(linesOf(lines, 'sweep.actors_left')).toEqual([]);
  isTooOld = false;
  await heal();
  isTooOld = true;
  await heal();
  expect(linesOf(lines, 'sweep.failing_unread')).toHaveLength(2);
});

test('the first time looks for who ended lately; where that fails the next time begins no later', async () => {
  const asked: number[] = [];
  const { heal } = healing({
    endedSince: (since) => {
      asked.push(since.getTime());
      return Promise.reject(new Error('away'));
    },
  });
  await heal();
  await heal();
  const [first = 0, second] = asked;
  expect(Math.abs(Date.now() - 120_000 - first)).toBeLessThan(60_000);
  expect(second).toBe(first);
});

test('of a list that was cut off the rest is left to a comparison, which becomes due', async () => {
  await insertIntegration(db.pool, { id: 'int_a' });
  await anHourAgo();
  const { heal, started } = healing({ endedSince: list(ended('int_a'), false) });
  await heal();
  expect(started).toEqual(['int_a']);
  const after = await healedSecondsAgo();
  expect(after?.ago).toBeLessThan(60);
  expect(after?.compared).toBe(false);
});

test('one that can not be started keeps nobody back, since it is noted; one that could not be looked at does', async () => {
  for (const id of ['int_a', 'int_b']) await insertIntegration(db.pool, { id });
  await anHourAgo();
  const { heal, started, lines, counted } = healing({ endedSince: list(ended('int_a', 'int_b')) }, [
    'int_a',
  ]);
  await heal();
  expect(started).toEqual(['int_b']);
  expect(await counted()).toEqual([
    'holdfast_actors_healed_total{workflow="integration",cause="terminated"} 1',
  ]);
  expect(linesOf(lines, 'sweep.actors_left')).toHaveLength(1);
  const after = await healedSecondsAgo();
  expect(after?.ago).toBeLessThan(60);
  expect(after?.compared).toBe(true);
  // It is looked at again, whatever lists say.
  const later = healing({});
  await later.heal();
  expect(later.started).toContain('int_a');

  await db.pool.query('TRUNCATE stuck_actors');
  await anHourAgo();
  const unread = healing({
    endedSince: list([{ workflowId: 'integration:int_a', runId: 'another' }]),
    current: () => Promise.reject(new Error('away')),
  });
  await unread.heal();
  expect((await healedSecondsAgo())?.ago).toBeGreaterThan(3_000);
});

test('many are looked at ten at once, with pauses between', async () => {
  await insertIntegrations(db.pool, 25);
  const { rows } = await db.pool.query<{ id: string }>('SELECT id FROM integrations');
  const at: number[] = [];
  let inFlight = 0;
  let most = 0;
  const { heal } = healing({
    endedSince: list(ended(...rows.map(({ id }) => id))),
    current: async () => {
      at.push(performance.now());
      most = Math.max(most, ++inFlight);
      await new Promise(setImmediate);
      inFlight--;
      return { runId: 'r', state: 'going_on' };
    },
  });
  await heal();
  expect([at.length, most]).toEqual([25, 10]);
  for (const [index, time] of at.slice(10).entries()) {
    // A timer may be a millisecond early.
    expect(time - (at[index] ?? Infinity)).toBeGreaterThan(248);
  }
});
