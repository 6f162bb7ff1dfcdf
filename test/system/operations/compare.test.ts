import { NamespaceTakenError } from '../../../src/temporal/namespace-owner';
import { workflowIds } from '../../../workflows/contract/ids';
import { eventually } from '../../support/eventually';
import { linesOf } from '../../support/log-events';
import { loseWorkflow } from '../../support/scenes/lose-workflow';
import { type Scene, startScene } from '../../support/scenes/scene';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene({ config: { sweepSeconds: 1 }, durations: { comparePauseMs: 50 } });
}, 60_000);
afterAll(() => scene.close());

const patience = { timeoutMs: 20_000, everyMs: 100 };
const sql = <Row extends object>(text: string) => scene.system.pool.query<Row>(text);

const listed = async (query: string) => {
  const ids: string[] = [];
  for await (const { workflowId } of scene.system.temporal.workflow.list({ query }))
    ids.push(workflowId);
  return ids.sort();
};
const state = async () =>
  (
    await sql<{ isFresh: boolean; sweeps: Date }>(
      `SELECT coalesce(compared_at > now() - interval '1 minute', false) AS "isFresh",
              last_at AS sweeps FROM sweep_state`,
    )
  ).rows[0];

test('the list of the broken misses none: whose actor was lost is there again after a worker starts', async () => {
  const well = await scene.connect();
  const broken = await scene.connect();
  const id = workflowIds.integration(broken.id);
  await scene.system.temporal.workflow.getHandle(id).signal('credentialInvalidated');
  await scene.until(broken.id, 'ERROR');
  const query = 'IntegrationStatus="ERROR" AND ExecutionStatus="Running"';
  await eventually(async () => expect(await listed(query)).toEqual([id]), patience);
  await scene.system.stopWorker();
  const credential = workflowIds.credential(well.credentials[0]?.id ?? '');
  // Of what was ended by hand a sweep knows otherwise.
  for (const one of [id, credential]) await loseWorkflow(scene.system.temporal, one);
  await scene.system.startWorker();
  await eventually(async () => expect(await listed(query)).toEqual([id]), patience);
  const running = `WorkflowId="${credential}" AND ExecutionStatus="Running"`;
  await eventually(async () => expect(await listed(running)).toEqual([credential]), patience);
  await eventually(
    () =>
      expect(linesOf(scene.system.logLines, 'sweep.compared').at(-1)).toMatchObject({
        ...{ compared: 4, missing: 2, failed: 0 },
      }),
    patience,
  );
}, 60_000);

test('an hour after the last comparison a sweep begins another one, and not before', async () => {
  const { id } = await scene.connect();
  await loseWorkflow(scene.system.temporal, workflowIds.integration(id));
  await sql("UPDATE sweep_state SET compared_at = now() - interval '59 minutes'");
  const before = (await state())?.sweeps.getTime() ?? 0;
  // Two ends: the sweep that is under way may have asked before.
  const swept = async () => (await state())?.sweeps.getTime() ?? 0;
  let ends = 0;
  let last = before;
  await eventually(async () => {
    const now = await swept();
    if (now !== last) ends++;
    last = now;
    expect(ends).toBeGreaterThan(1);
  }, patience);
  expect((await state())?.isFresh).toBe(false);
  await sql("UPDATE sweep_state SET compared_at = now() - interval '61 minutes'");
  const query = `WorkflowId="${workflowIds.integration(id)}" AND ExecutionStatus="Running"`;
  await eventually(async () => expect(await listed(query)).toHaveLength(1), patience);
  await eventually(async () => expect((await state())?.isFresh).toBe(true), patience);
}, 60_000);

test('a worker on another database refuses to start in this namespace, and ends no actor there', async () => {
  const { id } = await scene.connect();
  await scene.system.stopWorker();
  await sql("UPDATE installation SET id = 'another-' || id");
  await expect(scene.system.startWorker()).rejects.toThrow(NamespaceTakenError);
  await sql("UPDATE installation SET id = replace(id, 'another-', '')");
  await scene.system.startWorker();
  const { status } = await scene.system.temporal.workflow
    .getHandle(workflowIds.integration(id))
    .describe();
  expect(status.name).toBe('RUNNING');
}, 60_000);
