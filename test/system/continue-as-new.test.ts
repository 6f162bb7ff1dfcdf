import { workflowIds } from '../../workflows/contract';
import { eventually } from '../support/eventually';
import { type OwnTemporal, startOwnTemporal } from '../support/own-temporal';
import { type Scene, startScene } from '../support/scene';

let temporal: OwnTemporal;
let scene: Scene;
beforeAll(async () => {
  temporal = await startOwnTemporal(['limit.historyCount.suggestContinueAsNew=40']);
  scene = await startScene({ temporal });
}, 60_000);
afterAll(async () => {
  await scene.close();
  await temporal.close();
});

const run = async (workflowId: string) =>
  (await scene.system.temporal.workflow.getHandle(workflowId).describe()).runId;

test('S10 signals and updates that arrive around continue-as-new are all heeded, and the state is unchanged', async () => {
  const integration = await scene.connect();
  const workflowId = workflowIds.integration(integration.id);
  const handle = scene.system.temporal.workflow.getHandle(workflowId);
  const first = await eventually(() => run(workflowId));
  const sent: string[] = [];
  const runs = new Set([first]);
  // Every round switches it off and on, with webhooks and signals arriving all the while.
  for (let round = 0; round < 12; round++) {
    const webhooks = Array.from({ length: 5 }, () => scene.webhook(integration));
    const [off] = await Promise.all([
      scene.system.api('POST', `/v1/integrations/${integration.id}/disable`, {}),
      ...Array.from({ length: 5 }, () => handle.signal('holdChanged')),
    ]);
    expect(off).toMatchObject({ status: 200, body: { status: 'DISABLED' } });
    const on = await scene.system.api('POST', `/v1/integrations/${integration.id}/enable`, {});
    expect(on).toMatchObject({
      status: 200,
      body: { status: 'ENABLED', transition: 2 * round + 2 },
    });
    for (const answer of await Promise.all(webhooks)) {
      expect(answer.status).toBe(202);
      if (answer.outcome === 'accepted') sent.push(answer.id);
    }
    runs.add(await run(workflowId));
  }
  expect(runs.size).toBeGreaterThan(3);
  await eventually(() => {
    const handled = new Set(scene.destination.received.map(({ id }) => id));
    expect(sent.filter((id) => !handled.has(id))).toEqual([]);
  });
  expect(await handle.query('status')).toMatchObject({ status: 'ENABLED', transition: 24 });
  const { body } = await scene.system.api<{ items: unknown[] }>(
    'GET',
    `/v1/integrations/${integration.id}/transitions`,
  );
  expect(body.items).toHaveLength(25);
}, 60_000);

test('S10 a credential goes on over continue-as-new: every refresh is answered, no token is shown twice', async () => {
  const integration = await scene.connect();
  const workflowId = workflowIds.credential(integration.credentials[0]?.id ?? '');
  const first = await eventually(() => run(workflowId));
  for (let version = 1; version <= 15; version++) {
    const { status, body } = await scene.system.api(
      'POST',
      `/v1/integrations/${integration.id}/token/reject`,
      { version },
    );
    expect({ status, body }).toMatchObject({ status: 200, body: { version: version + 1 } });
  }
  expect(await run(workflowId)).not.toBe(first);
  expect(scene.provider.reuses()).toBe(0);
}, 60_000);
