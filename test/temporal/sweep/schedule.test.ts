import { setTimeout as timeout } from 'node:timers/promises';
import { createInstallationId } from '../../../src/db/queries/installation';
import { createLog } from '../../../src/lib/log';
import { createSweepLog, isSweepLate } from '../../../src/temporal/sweep/health';
import { createTemporal, type Temporal } from '../../../src/temporal/client';
import { type KeepSetUpOptions, keepTemporalSetUp } from '../../../src/temporal/keep-set-up';
import { installationOf, NamespaceTakenError } from '../../../src/temporal/namespace-owner';
import { describeSweep, ensureSweep, isSweepPaused } from '../../../src/temporal/sweep/schedule';
import { sweepScheduleId, taskQueues, workflowIds } from '../../../workflows/contract/ids';
import { eventually } from '../../support/eventually';
import { linesOf } from '../../support/log-events';
import { insertCredential, insertIntegration } from '../../support/scenes/rows';
import { testDatabase, type TestDatabase } from '../../support/servers/database';
import { testTemporal } from '../../support/servers/temporal';

let ours: TestDatabase;
let others: TestDatabase;
beforeAll(async () => {
  [ours, others] = [await testDatabase(), await testDatabase()];
  // Databases of tests are copies of one.
  await ours.pool.query("UPDATE installation SET id = 'ours'");
  await others.pool.query("UPDATE installation SET id = 'others'");
});
const opened: Temporal[] = [];
afterAll(async () => {
  for (const one of opened) {
    const { client } = one;
    await client.schedule
      .getHandle(sweepScheduleId)
      .delete()
      .catch(() => undefined);
    await one.close();
  }
  await ours.drop();
  await others.drop();
});

/** A namespace of its own, as a worker on one of the databases sees it. */
async function namespace() {
  const temporal = createTemporal(await testTemporal());
  opened.push(temporal);
  const { client } = temporal;
  const depsOf = ({ pool: db }: TestDatabase, sweepSeconds = 3_600) => ({
    ...{ client, db, installationId: createInstallationId(db), sweepSeconds },
  });
  const schedule = client.schedule.getHandle(sweepScheduleId);
  return {
    client,
    schedule,
    depsOf,
    set: (database: TestDatabase, sweepSeconds?: number) =>
      ensureSweep(depsOf(database, sweepSeconds)),
    /** As older versions made it. */
    createOld: (state: { paused?: boolean; note?: string } = {}) =>
      client.schedule.create({
        scheduleId: sweepScheduleId,
        spec: { intervals: [{ every: 3_600_000 }] },
        action: {
          type: 'startWorkflow',
          workflowType: 'sweep',
          taskQueue: taskQueues.main,
          args: [{}],
          workflowExecutionTimeout: '30 minutes',
        },
        policies: { overlap: 'SKIP', catchupWindow: '1 minute' },
        state,
      }),
    run: async (type: 'integration' | 'credential', id: string) => {
      const workflowId = workflowIds[type](id);
      await client.workflow.start(type, {
        ...{ workflowId, taskQueue: taskQueues.main, args: [{ id }] },
      });
      await eventually(async () => {
        const query = `WorkflowId="${workflowId}" AND ExecutionStatus="Running"`;
        expect((await client.workflow.count(query)).count).toBe(1);
      });
    },
    installation: async () => {
      const current = await describeSweep(client);
      return current === null ? null : installationOf(current);
    },
    sweeps: async () => {
      const handle = client.workflow.getHandle(workflowIds.restore);
      return handle.describe().then(
        ({ status }) => status.name,
        () => 'none',
      );
    },
  };
}

test('where there is no schedule it is made, names its installation, and everybody is woken', async () => {
  const { set, client, installation, sweeps } = await namespace();
  expect(await set(ours, 20)).toEqual({ made: true, corrected: [], paused: false });
  expect(await installation()).toBe('ours');
  expect(await sweeps()).toBe('RUNNING');
  expect(await describeSweep(client)).toMatchObject({
    spec: { intervals: [{ every: 20_000 }] },
    action: {
      ...{ workflowType: 'sweep', taskQueue: 'holdfast', args: [{}] },
      ...{ workflowId: 'holdfast-sweep-workflow', workflowExecutionTimeout: 1_800_000 },
    },
    policies: { overlap: 'SKIP', catchupWindow: 60_000, pauseOnFailure: false },
  });
  // What was set comes back as it was meant: nothing is corrected for ever.
  expect(await set(ours, 20)).toEqual({ made: false, corrected: [], paused: false });
});

test('whatever was changed of it is put right; one that an operator paused stays paused', async () => {
  const { set, schedule } = await namespace();
  await set(ours);
  const good = await schedule.describe();
  const corrected = async () => (await set(ours)).corrected;
  const { spec, action, policies } = good;
  const state = { paused: false };
  await schedule.update(() => ({
    ...{ action, policies, state },
    spec: { intervals: [{ every: 60_000 }] },
  }));
  expect(await corrected()).toEqual(['interval']);
  const calendar = { ...spec, calendars: [{ hour: 3 }] };
  await schedule.update(() => ({ ...{ action, policies, state }, spec: calendar }));
  expect(await corrected()).toEqual(['interval']);
  for (const change of [
    { taskQueue: 'elsewhere' },
    { workflowType: 'other' },
    { args: [{ all: true }] },
    { workflowExecutionTimeout: '1 hour' as const },
    { workflowRunTimeout: '1 minute' as const },
    { workflowId: 'mine' },
    { retry: { maximumAttempts: 3 } },
  ]) {
    await schedule.update(() => ({
      ...{ spec, policies, state },
      action: { ...action, ...change },
    }));
    expect(await corrected()).toEqual(['action']);
  }
  for (const change of [
    { overlap: 'BUFFER_ALL' as const },
    { catchupWindow: '1 day' as const },
    { pauseOnFailure: true },
  ]) {
    await schedule.update(() => ({
      ...{ spec, action, state },
      policies: { ...policies, ...change },
    }));
    expect(await corrected()).toEqual(['policies']);
  }
  const limited = { paused: true, note: 'for the move', remainingActions: 3 };
  await schedule.update(() => ({ ...{ spec, action, policies }, state: limited }));
  expect(await set(ours)).toEqual({ made: false, corrected: ['limit'], paused: true });
  const now = await schedule.describe();
  expect(now.state).toMatchObject({ paused: true, note: 'for the move' });
  expect({ ...now.spec, ...now.action, ...now.policies }).toEqual({
    ...spec,
    ...action,
    ...policies,
  });
  expect(await corrected()).toEqual([]);
});

test("an older version's schedule is made anew with its memo where the actors are ours, or none runs", async () => {
  const { set, createOld, installation, schedule, run, sweeps } = await namespace();
  await createOld({ paused: true, note: 'for the move' });
  expect(await set(ours)).toEqual({ made: false, corrected: ['memo'], paused: true });
  expect(await installation()).toBe('ours');
  expect((await schedule.describe()).state).toMatchObject({ paused: true, note: 'for the move' });
  expect(await set(ours)).toMatchObject({ corrected: [], paused: true });

  await schedule.delete();
  await createOld();
  await insertCredential(ours.pool, { id: 'crd_ours' });
  await run('integration', 'int_unknown');
  await run('credential', 'crd_ours');
  expect(await set(ours)).toMatchObject({ made: false, corrected: ['memo'], paused: false });
  expect(await sweeps()).toBe('none');
});

test("another installation's schedule refuses the start, and so do its actors without a schedule", async () => {
  const { set, createOld, installation, schedule, run, sweeps } = await namespace();
  await set(others);
  const refused = await set(ours).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(NamespaceTakenError);
  expect((refused as NamespaceTakenError).problems[0]).toMatch(
    /^TEMPORAL_NAMESPACE: the namespace "test-\d+" is another installation's: .*installation others.*installation ours.*; allowed: /,
  );
  expect((refused as NamespaceTakenError).problems[1]).toMatch(
    /temporal workflow terminate --namespace test-\d+ --query '.*temporal schedule delete .*--schedule-id holdfast-sweep$/,
  );
  expect(await installation()).toBe('others');

  await insertIntegration(others.pool, { id: 'int_theirs' });
  await run('integration', 'int_theirs');
  for (const begin of [() => Promise.resolve(), createOld]) {
    await schedule.delete().catch(() => undefined);
    await begin();
    await expect(set(ours)).rejects.toThrow('1 actors run in it');
  }
  expect(await installation()).toBeUndefined();
  // It is theirs all the same.
  expect(await set(others)).toMatchObject({ corrected: ['memo'] });
  expect(await sweeps()).toBe('RUNNING');
});

test('what the error says is enough to take a namespace over', async () => {
  const { set, client, schedule, run, installation } = await namespace();
  await set(others);
  await run('credential', 'crd_theirs');
  const refused = (await set(ours).catch((error: unknown) => error)) as NamespaceTakenError;
  const query = /--query '([^']+)'/.exec(refused.message)?.[1] ?? '';
  for await (const { workflowId } of client.workflow.list({ query }))
    await client.workflow.getHandle(workflowId).terminate();
  await eventually(async () => expect((await client.workflow.count(query)).count).toBe(0));
  await schedule.delete();
  expect(await set(ours)).toMatchObject({ made: true });
  expect(await installation()).toBe('ours');
});

test('of two installations that begin at once in one namespace one is refused', async () => {
  const { set, installation } = await namespace();
  const both = await Promise.allSettled([set(ours), set(others), set(ours), set(others)]);
  const owner = await installation();
  const isOurs = [true, false, true, false].map((one) => one === (owner === 'ours'));
  expect(both.map(({ status }) => status === 'fulfilled')).toEqual(isOurs);
});

test('the keeper makes it anew, says what it corrected, that it is paused or late, and fails where another one comes', async () => {
  const { depsOf, schedule, installation, set, client } = await namespace();
  const lines: string[] = [];
  const told = () =>
    [...linesOf(lines, 'sweep.'), ...linesOf(lines, 'temporal.')].map(
      ({ level, event }) => `${level} ${event}`,
    );
  const options: KeepSetUpOptions = {
    ...depsOf(ours),
    ...{ log: createLog('info', { write: (line) => void lines.push(line) }), everyMs: 50 },
  };
  const keeper = await keepTemporalSetUp(options);
  let failed: Error | null = null;
  void keeper.failed.then((error) => (failed = error));
  try {
    expect(told()).toEqual(['info temporal.set_up']);
    await schedule.pause();
    await eventually(() => expect(told()).toContain('warn sweep.paused'));
    expect(await isSweepPaused(client, 1_000)).toBe(true);
    await schedule.unpause();
    await eventually(() => expect(told()).toContain('info sweep.goes_on'));
    await timeout(200);
    expect(told().filter((line) => line.includes('sweep.paused'))).toHaveLength(1);
    await schedule.update((now) => ({ ...now, spec: { intervals: [{ every: 60_000 }] } }));
    await eventually(() => expect(told()).toContain('info sweep.schedule_corrected'));
    await schedule.delete();
    await eventually(async () => expect(await installation()).toBe('ours'));
    expect(failed).toBeNull();

    // The keeper may be quicker.
    await eventually(async () => {
      await schedule.delete().catch(() => undefined);
      await set(others);
    });
    await eventually(() => expect(failed).toBeInstanceOf(NamespaceTakenError));
  } finally {
    await keeper.stop();
  }
});

test('late is after three intervals, 90 s as usual, and 30 s at least; each change is one line', () => {
  const late = (seconds: number, every: number) => isSweepLate({ lastAt: null, seconds }, every);
  expect([late(90, 30), late(91, 30), late(180, 60), late(181, 60)]).toEqual([
    ...[false, true, false, true],
  ]);
  expect([late(33, 11), late(34, 11), late(30, 1), late(31, 1)]).toEqual([
    ...[false, true, false, true],
  ]);
  const lines: string[] = [];
  const say = createSweepLog(createLog('info', { write: (line) => void lines.push(line) }));
  for (const [paused, late] of [
    ...[
      [false, false],
      [false, true],
      [false, true],
      [true, true],
    ],
    ...[
      [false, true],
      [false, false],
      [false, false],
      [false, true],
    ],
  ] as [boolean, boolean][])
    say({ paused, late });
  expect(linesOf(lines, '').map(({ level, event }) => `${level} ${event}`)).toEqual([
    ...['warn sweep.late', 'warn sweep.paused', 'info sweep.goes_on', 'warn sweep.late'],
  ]);
});
