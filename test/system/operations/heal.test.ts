import { checkActors } from '../../../src/doctor/check-actors';
import { workflowIds } from '../../../workflows/contract/ids';
import { actorHelpers, patience } from '../../support/scenes/actors';
import { eventually } from '../../support/eventually';
import type { IntegrationBody } from '../../support/scenes/scene';
import { type OwnScene, startOwnScene } from '../../support/scenes/own-scene';

let scene: OwnScene;
beforeAll(async () => {
  scene = await startOwnScene({
    config: { sweepSeconds: 1, metrics: true, temporalUiUrl: 'https://temporal.example' },
  });
}, 60_000);
afterAll(() => scene.close(), 60_000);

const {
  query,
  handleOf,
  idOf,
  runOf,
  statusOf,
  untilStatus,
  linesOf,
  untilWell,
  untilDelivered,
  start,
  connected,
} = actorHelpers(() => scene);
const healed = (cause: string, count = 1, workflow = 'integration') => ({
  ...{ level: 'error', event: 'actor.healed', workflow, cause, count },
});

/** As its worker's metrics have it: by cause. */
const counted = async (workflow: string) => {
  const text = await (await fetch(`${scene.system.worker().url}/metrics`)).text();
  const series = /^holdfast_actors_healed_total\{workflow="(\w+)",cause="(\w+)"\} (\d+)$/gm;
  return Object.fromEntries(
    [...text.matchAll(series)].flatMap(([, of, cause = '', count]) =>
      of === workflow ? [[cause, Number(count)]] : [],
    ),
  );
};

const doctor = () => checkActors(scene.system.config);
/** Where an operator sees it. */
const linkTo = (id: string) => {
  const { temporalNamespace = 'default' } = scene.system.config;
  return `https://temporal.example/namespaces/${temporalNamespace}/workflows/${encodeURIComponent(id)}`;
};

const none = { task_failing: 0, failed: 0, terminated: 0, timed_out: 0, canceled: 0, lost: 0 };

test('actors whose task fails again and again are ended and started from their rows, a sweep is ended, a deleted one is not started, and a stranger is left alone', async () => {
  const { temporal } = scene.system;
  // Before the first, so that it is an increase.
  expect(await counted('credential')).toEqual(none);
  const integration = await connected();
  const asked = await connected();
  const leaver = await connected();
  const credential = workflowIds.credential(asked.credentials[0]?.id ?? '');
  const stranger = 'somebody-elses';
  await start('integration', stranger, [{ id: 'int_unknown', state: { id: 'int_unknown' } }]);
  await start('sweep', 'sweep:now:junk', [null]);
  const stuck = [idOf(integration), idOf(asked), idOf(leaver), credential, stranger];
  const runs = new Map<string, string>();
  for (const id of stuck) {
    runs.set(id, (await runOf(id)).runId);
    await handleOf(id).signal('__temporal_x');
  }
  const kept = scene.webhook(integration);
  const disabled = scene.system.api<IntegrationBody>(
    'POST',
    `/v1/integrations/${asked.id}/disable`,
    {},
  );
  expect((await scene.system.api('DELETE', `/v1/integrations/${leaver.id}`)).status).toBe(204);

  await eventually(() => untilWell(idOf(integration), runs.get(idOf(integration)) ?? ''), patience);
  await untilWell(credential, runs.get(credential) ?? '');
  expect(linesOf(idOf(integration))).toEqual([healed('task_failing')]);
  expect(linesOf(credential)).toEqual([healed('task_failing', 1, 'credential')]);
  expect(await counted('credential')).toEqual({ ...none, task_failing: 1 });
  const { id } = await kept;
  await eventually(
    () => expect(scene.destination.received.map((one) => one.id)).toContain(id),
    patience,
  );
  // The update went to the run that was ended.
  expect(await disabled).toMatchObject({ status: 200, body: { status: 'DISABLED' } });
  await untilStatus(idOf(leaver), 'TERMINATED', 'gone');
  await untilStatus('sweep:now:junk', 'TERMINATED');
  expect(linesOf(idOf(leaver))).toEqual([]);
  const { count } = await temporal.workflow.count(
    `WorkflowId = "${stranger}" AND TemporalReportedProblems IS NOT NULL`,
  );
  expect([count, await statusOf(stranger)]).toEqual([1, 'RUNNING']);
  await handleOf(stranger).terminate();
}, 120_000);

test('what was terminated, cancelled, timed out or failed by hand is back with the next sweep; what has no row here is not', async () => {
  const [terminated, cancelled, timedOut, failed, gone] = (await Promise.all(
    Array.from({ length: 5 }, connected),
  )) as [IntegrationBody, IntegrationBody, IntegrationBody, IntegrationBody, IntegrationBody];
  const all = { terminated, cancelled, timedOut, failed };
  const credential = workflowIds.credential(terminated.credentials[0]?.id ?? '');
  await query('DELETE FROM integrations WHERE id = $1', [gone.id]);
  const unknown = workflowIds.integration('int_unknown');
  const runs = new Map<string, string>();
  for (const id of [...Object.values(all).map(idOf), credential]) {
    runs.set(id, (await runOf(id)).runId);
  }
  await handleOf(idOf(gone)).terminate();
  await start('integration', unknown, []);
  await handleOf(idOf(terminated)).terminate();
  await handleOf(idOf(cancelled)).cancel();
  await start('integration', idOf(timedOut), [{ id: timedOut.id }], 1_000);
  await start('integration', idOf(failed), []);
  await handleOf(credential).terminate();
  const expected = new Map([
    [idOf(terminated), healed('terminated')],
    [idOf(cancelled), healed('canceled')],
    [idOf(timedOut), healed('timed_out')],
    [idOf(failed), healed('failed')],
    [credential, healed('terminated', 1, 'credential')],
  ]);
  for (const [id, line] of expected) {
    await eventually(() => expect(linesOf(id)).toEqual([line]), patience);
    await untilWell(id, runs.get(id) ?? '');
  }
  expect(await counted('integration')).toMatchObject({
    ...{ terminated: 1, canceled: 1, timed_out: 1, failed: 1, lost: 0 },
  });
  for (const integration of Object.values(all)) await untilDelivered(integration);
  expect([await statusOf(idOf(gone)), await statusOf(unknown)]).toEqual(['TERMINATED', 'FAILED']);
  expect([...linesOf(idOf(gone)), ...linesOf(unknown)]).toEqual([]);
}, 120_000);

test('one that was started anew three times in ten minutes waits, the doctor says so, and it goes on when that is over', async () => {
  const integration = await connected();
  const id = idOf(integration);
  await query(
    `INSERT INTO actor_restarts (workflow_id, workflow, cause)
     SELECT $1, 'integration', 'failed' FROM generate_series(1, 2)`,
    [id],
  );
  const before = await runOf(id);
  await handleOf(id).terminate();
  await untilWell(id, before.runId);
  expect(await doctor()).toEqual([
    {
      well: true,
      text: expect.stringMatching(/^Actors: none is stuck; \d+ started anew/) as unknown,
    },
  ]);
  await handleOf(id).terminate();
  const stuck = { ...healed('terminated'), event: 'actor.stuck', count: undefined };
  await eventually(() => expect(linesOf(id)).toEqual([healed('terminated', 3), stuck]), patience);
  for (const { event } of [healed('terminated'), stuck]) {
    const line = new RegExp(`"event":"${event}".*"workflowId":"${id}".*"temporalUrl":"(.*?)"`);
    expect([event, line.exec(scene.system.logLines.join(''))?.[1]]).toEqual([event, linkTo(id)]);
  }
  const [finding] = await doctor();
  expect(finding?.well).toBe(false);
  expect(finding?.text).toContain(`Actors: 1 stuck: ${id} (terminated). Each sweep`);
  expect(finding?.text.endsWith(`In the Temporal UI: ${linkTo(id)}`)).toBe(true);
  expect((await scene.system.api('GET', '/v1/status')).body).toMatchObject({
    actors: { stuck: 1 },
  });
  // More sweeps come by: another one is healed meanwhile.
  const other = await connected();
  const { runId } = await runOf(idOf(other));
  await handleOf(idOf(other)).terminate();
  await untilWell(idOf(other), runId);
  expect(await statusOf(id)).toBe('TERMINATED');
  expect(linesOf(id)).toHaveLength(2);

  await query("UPDATE actor_restarts SET at = at - interval '10 minutes' WHERE workflow_id = $1", [
    id,
  ]);
  await untilStatus(id, 'RUNNING');
  await eventually(async () => expect(await doctor()).toMatchObject([{ well: true }]), patience);
  await untilDelivered(integration);
}, 120_000);
