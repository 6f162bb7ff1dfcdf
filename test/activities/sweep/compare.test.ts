import {
  type Comparison,
  createCompareActors,
  usualComparePauseMs,
} from '../../../activities/sweep/compare';
import { noteDeletedActors } from '../../../src/db/queries/integrations/deleted-actors';
import { noteHealed } from '../../../src/db/queries/sweep/healing';
import { isComparisonDue, noteWentBack, readSweepState } from '../../../src/db/queries/sweep/state';
import { createLog } from '../../../src/lib/log';
import { createActors } from '../../../src/temporal/actors';
import { createTemporal, type Temporal } from '../../../src/temporal/client';
import { createShownActors, type ShownActors } from '../../../src/temporal/shown-actors';
import {
  searchAttributes as keys,
  taskQueues,
  workflowIds,
  workflowTypes,
} from '../../../workflows/contract/ids';
import type { IntegrationStatus } from '../../../workflows/contract/status';
import { eventually } from '../../support/eventually';
import { linesOf } from '../../support/log-events';
import { insertCredential, insertIntegration, insertIntegrations } from '../../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { testTemporal } from '../../support/servers/temporal';

/** No worker runs: actors that are started stay as they were begun. */
let db: TestDatabase;
let temporal: Temporal;
beforeAll(async () => {
  db = await testDatabase();
  temporal = createTemporal(await testTemporal());
});
afterAll(async () => {
  await temporal.close();
  await db.drop();
});
afterEach(() =>
  db.pool.query(
    'TRUNCATE credentials, integrations CASCADE; UPDATE sweep_state SET compared_at = NULL, compare_asked_at = NULL',
  ),
);

/** As an actor would have published it. */
const run = (
  type: 'integration' | 'credential',
  id: string,
  shown: Partial<Record<keyof typeof keys, string>>,
) =>
  temporal.client.workflow.start(workflowTypes[type], {
    workflowId: workflowIds[type](id),
    taskQueue: taskQueues.main,
    args: [{ id }],
    typedSearchAttributes: Object.entries(shown).map(([name, value]) => ({
      key: keys[name as Exclude<keyof typeof keys, 'statusSince'>],
      value,
    })),
  });

const right = { status: 'ENABLED', provider: 'acme', user: 'user-1' };

/** What a comparison asked, with the times between, and what was done to whom. */
function comparing({
  pageSize = 2,
  pauseMs = 1,
  shown = (ids) => createShownActors(temporal.client).shown(ids),
  running = (after) => createShownActors(temporal.client).running(after),
}: { pageSize?: number; pauseMs?: number } & Partial<ShownActors> = {}) {
  const asked: { ids: readonly string[]; at: number }[] = [];
  const lines: string[] = [];
  const signalled: string[] = [];
  const actors = createActors(temporal.client);
  const compareActors = createCompareActors(
    {
      pool: db.pool,
      actors: {
        lookAtIntegration: (id, why, userId) => {
          signalled.push(`${id} ${why} ${userId}`);
          return actors.lookAtIntegration(id, why, userId);
        },
        lookAtCredential: (id, version, why, userId) => {
          signalled.push(`${id} ${version} ${why} ${userId}`);
          return actors.lookAtCredential(id, version, why, userId);
        },
        integrationDeleted: (id) => {
          signalled.push(`${id} ends`);
          return actors.integrationDeleted(id);
        },
        credentialDeleted: (id) => {
          signalled.push(`${id} ends`);
          return actors.credentialDeleted(id);
        },
      },
      shownActors: {
        shown: (ids) => {
          asked.push({ ids, at: performance.now() });
          return shown(ids);
        },
        running,
      },
      showUser: (userId) => userId,
      durations: { comparePauseMs: pauseMs },
      log: createLog('info', { write: (line) => void lines.push(line) }),
    },
    pageSize,
  );
  const whole = async () => {
    let { cursor } = await compareActors({ cursor: null });
    while (cursor !== null) ({ cursor } = await compareActors({ cursor }));
    return linesOf(lines, 'sweep.compared').at(-1);
  };
  return { compareActors, whole, asked, signalled, lines };
}

const isShown = (...ids: string[]) =>
  eventually(async () => {
    const shown = await createShownActors(temporal.client).shown(ids);
    expect([...shown.keys()].sort()).toEqual([...ids].sort());
  });

const historyOf = async (workflowId: string) => {
  const { events } = await temporal.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(
    ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName ?? [],
  );
};

/** Named as its id is. */
const insert = (id: string, fields: { status?: IntegrationStatus; user_id?: string } = {}) =>
  insertIntegration(db.pool, { id, name: id, ...fields });

test('who is missing is started, who is shown otherwise is signalled once, and all others are left alone', async () => {
  // In no order in which all stores agree.
  await insert('int_a');
  await insert('int_B', { status: 'ERROR' });
  await insert('int_Ä', { status: 'DISABLED' });
  await insert('int_C', { status: 'ERROR' });
  await insert('int_d', { user_id: 'another' });
  await insert('int_E', { status: 'ERROR' });
  await insert('int_f');
  await insert('int_g');
  await insert('int_gone');
  await db.pool.query("UPDATE integrations SET deleted_at = now() WHERE id = 'int_gone'");
  await insertCredential(db.pool, { id: 'crd_here' });
  await insertCredential(db.pool, { id: 'crd_stale', state: 'dead', code: 'revoked' });
  await insertCredential(db.pool, { id: 'crd_lost', version: 3, state: 'dead', code: 'revoked' });

  await run('integration', 'int_a', { ...right, name: 'int_a' });
  const broken = { ...right, status: 'ERROR', reason: 'invalid_grant' };
  await run('integration', 'int_C', { ...broken, name: 'int_C' });
  await run('integration', 'int_d', { ...right, name: 'int_d' });
  await run('integration', 'int_E', { ...broken, name: 'int_E', reason: 'revoked' });
  await run('integration', 'int_f', { ...right, name: 'int_f', reason: 'revoked' });
  await run('integration', 'int_g', { ...right, name: 'a name from before' });
  await run('integration', 'int_other', { ...broken, name: 'int_other' });
  const alive = { credentialProvider: 'acme', credentialState: 'alive' };
  await run('credential', 'crd_here', alive);
  await run('credential', 'crd_stale', alive);
  const running = ['int_a', 'int_C', 'int_d', 'int_E', 'int_f', 'int_g', 'int_other'];
  await isShown(
    ...running.map(workflowIds.integration),
    ...['crd_here', 'crd_stale'].map(workflowIds.credential),
  );

  const first = comparing();
  expect(await first.whole()).toMatchObject({ compared: 11, missing: 3, stale: 5, failed: 0 });
  expect([...first.signalled].sort()).toEqual([
    'crd_lost 3 differs user-1',
    'crd_stale 1 differs user-1',
    'int_B differs user-1',
    'int_E differs user-1',
    'int_d differs another',
    'int_f differs user-1',
    'int_g differs user-1',
    'int_Ä differs user-1',
  ]);
  expect(first.asked.flatMap(({ ids }) => ids)).not.toContain('integration:int_other');
  for (const id of ['int_a', 'int_C', 'int_other'])
    expect(await historyOf(workflowIds.integration(id))).toEqual([]);
  for (const id of ['int_B', 'int_Ä', 'int_E', 'int_d', 'int_f', 'int_g'])
    expect(await historyOf(workflowIds.integration(id))).toEqual(['holdChanged']);
  expect(await historyOf(workflowIds.credential('crd_lost'))).toEqual(['stored']);
  expect(await historyOf(workflowIds.credential('crd_here'))).toEqual([]);

  await isShown(
    workflowIds.credential('crd_lost'),
    ...['int_B', 'int_Ä'].map(workflowIds.integration),
  );
  const credentials = await comparing().whole();
  expect(credentials).toMatchObject({ compared: 11, missing: 0 });
});

test('pages are as far apart as they have to be, in one run of the activity or over several', async () => {
  expect(usualComparePauseMs).toBe(500);
  await insertIntegrations(db.pool, 9);
  await insertCredential(db.pool);
  const { whole, asked } = comparing({ pauseMs: 60, shown: everybody });
  await whole();
  expect(asked.map(({ ids }) => ids.length)).toEqual([2, 2, 2, 2, 1, 1]);
  const apart = asked.slice(1).map(({ at }, index) => at - (asked[index]?.at ?? 0));
  expect(Math.min(...apart)).toBeGreaterThan(58);
  const later = comparing({ pauseMs: 60, shown: everybody });
  const begun = performance.now();
  const cursor: Comparison = {
    ...{ begunAt: '2026-11-30T12:00:00.000Z', wentBack: false, kind: 'credential', after: '' },
    ...{ compared: 9, missing: 0, stale: 0, strays: 0, failed: 0 },
  };
  expect(await later.compareActors({ cursor })).toEqual({ cursor: null });
  expect((later.asked[0]?.at ?? 0) - begun).toBeGreaterThan(58);
});

const everybody: ShownActors['shown'] = (ids) =>
  Promise.resolve(new Map(ids.map((id) => [id, right])));

test('where lists fail it goes on from where it was, and signals nobody twice; its end is written', async () => {
  await insertIntegrations(db.pool, 6);
  let isAway = true;
  const nobody: ShownActors['shown'] = () => Promise.resolve(new Map());
  let pages = 0;
  const { compareActors, signalled, lines } = comparing({
    shown: (ids) => (++pages > 2 && isAway ? Promise.reject(new Error('away')) : nobody(ids)),
  });
  const { cursor } = await compareActors({ cursor: null });
  expect(cursor).toMatchObject({ compared: 4, missing: 4 });
  await expect(compareActors({ cursor })).rejects.toThrow('away');
  expect(signalled).toHaveLength(4);
  const comparedAt = async () =>
    (await db.pool.query<{ at: Date | null }>('SELECT compared_at AS at FROM sweep_state')).rows[0]
      ?.at;
  expect(await comparedAt()).toBeNull();
  isAway = false;
  expect(await compareActors({ cursor })).toEqual({ cursor: null });
  expect(new Set(signalled).size).toBe(6);
  expect(signalled).toHaveLength(6);
  expect(linesOf(lines, 'sweep.compared')).toMatchObject([
    { level: 'info', compared: 6, missing: 6 },
  ]);
  expect(await comparedAt()).toBeInstanceOf(Date);
  expect((await readSweepState(db.pool))?.lastAt).toBeNull();
});

test('one that is asked for while another is under way, and may be past those who are meant, follows it', async () => {
  await insertIntegrations(db.pool, 3);
  let asks = 1;
  const { whole } = comparing({
    shown: async (ids) => {
      if (asks-- > 0) await noteHealed(db.pool, new Date(), false);
      return everybody(ids);
    },
  });
  expect(await isComparisonDue(db.pool)).toBe(true);
  await whole();
  expect(await isComparisonDue(db.pool)).toBe(true);
  await whole();
  expect(await isComparisonDue(db.pool)).toBe(false);
});

test('where the rows have gone back in time those who run without one are told to end until there is none; others are never listed', async () => {
  await insert('int_kept');
  await insertCredential(db.pool, { id: 'crd_kept' });
  await noteDeletedActors(db.pool, ['integration:int_deleted']);
  const pages: Record<string, Awaited<ReturnType<ShownActors['running']>>> = {
    '': { workflowIds: ['integration:int_kept', 'integration:int_late'], next: 'more' },
    more: {
      workflowIds: ['credential:crd_kept', 'credential:crd_late', 'integration:int_deleted', 'a'],
      next: '',
    },
  };
  const listed: string[] = [];
  const ended = new Set<string>();
  const { whole, signalled } = comparing({
    shown: everybody,
    running: (after) => {
      listed.push(after);
      const { workflowIds, next } = pages[after] ?? { workflowIds: [], next: '' };
      return Promise.resolve({ next, workflowIds: workflowIds.filter((id) => !ended.has(id)) });
    },
  });
  const ends = () => signalled.filter((one) => one.endsWith(' ends'));
  await whole();
  expect(listed).toEqual([]);
  const { rows } = await db.pool.query<{ sweeps: number }>('SELECT sweeps FROM sweep_state');
  const seen = { sweeps: Number(rows[0]?.sweeps) + 1, at: new Date().toISOString() };
  expect(await noteWentBack(db.pool, seen)).not.toBeNull();
  expect(await whole()).toMatchObject({ compared: 2, strays: 2, failed: 0 });
  expect(listed).toEqual(['', 'more']);
  expect(ends()).toEqual(['int_late ends', 'crd_late ends']);
  ended.add('integration:int_late');
  expect(await isComparisonDue(db.pool)).toBe(true);
  expect(await whole()).toMatchObject({ strays: 1 });
  ended.add('credential:crd_late');
  expect(await whole()).toMatchObject({ strays: 0 });
  expect(await isComparisonDue(db.pool)).toBe(false);
  expect(ends()).toHaveLength(3);
  listed.length = 0;
  await whole();
  expect(listed).toEqual([]);
});

test('one request asks for a whole page of the usual size', async () => {
  await insertIntegrations(db.pool, 500);
  const { rows } = await db.pool.query<{ id: string }>('SELECT id FROM integrations');
  const ids = rows.map(({ id }) => workflowIds.integration(id));
  await run('integration', rows[7]?.id ?? '', right);
  await eventually(async () => {
    const shown = await createShownActors(temporal.client).shown(ids);
    expect([...shown.keys()]).toEqual([ids[7]]);
    expect(shown.get(ids[7] ?? '')).toEqual({
      ...{ IntegrationStatus: 'ENABLED', IntegrationProvider: 'acme', IntegrationUser: 'user-1' },
    });
  });
});
