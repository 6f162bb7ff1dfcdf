import { WorkflowNotFoundError } from '@temporalio/client';
import { workflowIds } from '../../workflows/contract/ids';
import {
  type DeletionScene,
  rowsWith,
  startDeletionScene,
  withoutOutboxes,
} from '../support/scenes/deletion-scene';
import { eventually } from '../support/eventually';
import { type OwnTemporal, startOwnTemporal } from '../support/servers/own-temporal';

let temporal: OwnTemporal;
let scene: DeletionScene;
beforeAll(async () => {
  temporal = await startOwnTemporal();
  scene = await startDeletionScene({ temporal, config: { sweepSeconds: 1 } });
}, 60_000);
afterAll(async () => {
  await scene.close();
  await temporal.close();
});

const patience = { timeoutMs: 90_000, everyMs: 250 };

test('a deletion while Temporal is away is one: its actors end, and their histories go, when it is back', async () => {
  const { pool } = scene.system;
  const integration = await scene.connect();
  const credential = workflowIds.credential(integration.credentials[0]?.id ?? '');
  const workflows = [workflowIds.integration(integration.id), credential];
  const { workflow } = scene.system.temporal;
  for (const id of workflows) {
    await eventually(async () => {
      expect((await workflow.getHandle(id).describe()).status.name).toBe('RUNNING');
    }, patience);
  }
  scene.revocations.shown.length = 0;
  await temporal.stop();
  expect(await scene.remove(`integrations/${integration.id}`)).toBe(204);
  expect(withoutOutboxes(await rowsWith(pool, [integration.id]))).toEqual({});
  await temporal.start();
  for (const id of workflows) {
    await eventually(
      () => expect(workflow.getHandle(id).describe()).rejects.toThrow(WorkflowNotFoundError),
      patience,
    );
  }
  expect(scene.revocations.shown).toEqual([
    { token: integration.refreshToken, hint: 'refresh_token' },
  ]);
}, 240_000);

test('a grant that waits to be given back is not forgotten with a Temporal that lost its data', async () => {
  const { system, revocations } = scene;
  revocations.answer((answer) => answer.writeHead(503).end());
  const integration = await scene.connect();
  const credentialId = integration.credentials[0]?.id ?? '';
  revocations.shown.length = 0;
  expect(await scene.remove(`integrations/${integration.id}`)).toBe(204);
  await eventually(() => expect(revocations.shown).not.toEqual([]), patience);
  await temporal.stop();
  temporal.empty();
  await temporal.start();
  // As if the outage had lasted.
  await system.pool.query(
    "UPDATE deleted_actors SET deleted_at = now() - interval '2 minutes', look_at = now()",
  );
  revocations.answer(undefined);
  await eventually(
    async () => expect(await rowsWith(system.pool, [credentialId])).toEqual({}),
    patience,
  );
  const { workflow } = system.temporal;
  const actor = workflow.getHandle(workflowIds.credential(credentialId));
  await eventually(() => expect(actor.describe()).rejects.toThrow(WorkflowNotFoundError), patience);
  await eventually(
    async () =>
      expect(
        await rowsWith(system.pool, [workflowIds.credential(credentialId), credentialId]),
      ).toEqual({}),
    patience,
  );
}, 240_000);
