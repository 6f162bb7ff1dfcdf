import type { ServerResponse } from 'node:http';
import type { WorkflowUpdateHandle } from '@temporalio/client';
import { workflowIds } from '../../../workflows/contract/ids';
import { disable, type IntegrationView, refresh } from '../../../workflows/contract/messages';
import { fairnessKey } from '../../../workflows/rules';
import { answerGrant } from '../../support/doubles/answer-grant';
import { eventually } from '../../support/eventually';
import { whileShut } from '../../support/gate';
import { type OwnScene, startOwnScene } from '../../support/scenes/own-scene';

let scene: OwnScene;
beforeAll(async () => {
  scene = await startOwnScene({}, ['limit.historyCount.suggestContinueAsNew=40']);
}, 60_000);
afterAll(() => scene.close());

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
  // It takes turns with other users' actors still.
  const { raw } = await handle.describe();
  expect(raw.workflowExecutionInfo?.priority?.fairnessKey).toBe(fairnessKey(integration.userId));
}, 60_000);

test('S10 a credential goes on over continue-as-new: every refresh is answered, no token is shown twice', async () => {
  // Each token has ended when it comes, so that none is a fresh one that was refused.
  scene.provider.behave((answer, rotate) => answerGrant(answer, rotate(), 0.001));
  const integration = await scene.connect({ expiresInMs: -1_000 });
  const workflowId = workflowIds.credential(integration.credentials[0]?.id ?? '');
  const first = await eventually(() => run(workflowId));
  for (let version = 1; version <= 15;) {
    const { status, body } = await scene.system.api<{ version: number }>(
      'POST',
      `/v1/integrations/${integration.id}/token/reject`,
      { version },
    );
    // With what it says: a refusal has several reasons.
    expect({ status, body }).toMatchObject({ status: 200 });
    expect(body.version).toBeGreaterThan(version);
    ({ version } = body);
  }
  scene.provider.behave(undefined);
  expect(await run(workflowId)).not.toBe(first);
  expect(scene.provider.reuses()).toBe(0);
  // The last token has ended, too: its refresh must not come to the tests behind this one.
  await eventually(async () => {
    const { body } = await scene.system.api<{ expiresAt: string }>(
      'GET',
      `/v1/integrations/${integration.id}/token`,
    );
    expect(Date.parse(body.expiresAt)).toBeGreaterThan(Date.now() + 60_000);
  });
}, 60_000);

/** Signals an actor until its run is to end, which one activity that is held still keeps from it. */
async function fillHistory(workflowId: string, signal: string, args: unknown[]): Promise<string> {
  const handle = scene.system.temporal.workflow.getHandle(workflowId);
  for (let events = 0; events < 60;) {
    await handle.signal(signal, ...args);
    await heard(workflowId);
    events = (await handle.describe()).historyLength;
  }
  await handle.signal(signal, ...args);
  await heard(workflowId);
  return run(workflowId);
}

/** Waits until an actor has worked on all that it was sent, but for the one activity. */
const heard = (workflowId: string) =>
  eventually(async () => {
    const { raw } = await scene.system.temporal.workflow.getHandle(workflowId).describe();
    expect(raw.pendingWorkflowTask ?? null).toBeNull();
    expect(raw.pendingActivities).toHaveLength(1);
  });

/** An integration whose drain waits for its destination's answer. */
async function draining() {
  const integration = await scene.connect();
  const held: ServerResponse[] = [];
  scene.destination.answer((_request, answer) => void held.push(answer));
  await scene.webhook(integration);
  await eventually(() => expect(held).toHaveLength(1));
  scene.destination.answer((_request, answer) => void answer.writeHead(204).end());
  const workflowId = workflowIds.integration(integration.id);
  return { integration, workflowId, answer: () => void held[0]?.writeHead(204).end() };
}

test('S10 an operator’s signal that arrives while a run waits for its drain is heeded by the next run', async () => {
  const { integration, workflowId, answer } = await draining();
  const first = await fillHistory(workflowId, 'holdChanged', []);
  // It says what no row does: it would be lost with the state.
  await scene.system.temporal.workflow.getHandle(workflowId).signal('credentialInvalidated');
  await heard(workflowId);
  expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED' });
  answer();
  expect(await scene.until(integration.id, 'ERROR')).toMatchObject({
    reason: { code: 'invalidated', by: 'operator' },
  });
  expect(await run(workflowId)).not.toBe(first);
}, 60_000);

test('S10 a run does not end before an update that it has accepted is answered', async () => {
  const { integration, workflowId, answer } = await draining();
  const first = await fillHistory(workflowId, 'holdChanged', []);
  const handle = scene.system.temporal.workflow.getHandle(workflowId);
  const where = `BEFORE UPDATE ON integrations FOR EACH ROW WHEN (new.id = '${integration.id}')`;
  let update: WorkflowUpdateHandle<IntegrationView> | undefined;
  await whileShut({ pool: scene.system.pool, where }, async (reached) => {
    update = await handle.startUpdate(disable, {
      args: [{ by: 'ops' }],
      waitForStage: 'ACCEPTED',
    });
    await reached();
    answer();
    await heard(workflowId);
  });
  expect(await update?.result()).toMatchObject({ status: 'DISABLED', reason: { by: 'ops' } });
  await eventually(async () => expect(await run(workflowId)).not.toBe(first));
}, 60_000);

test('S10 a credential’s run ends only once a refresh is answered, and what it was told meanwhile is heeded', async () => {
  const integration = await scene.connect();
  const credentialId = integration.credentials[0]?.id ?? '';
  const workflowId = workflowIds.credential(credentialId);
  const handle = scene.system.temporal.workflow.getHandle(workflowId);
  const held: ServerResponse[] = [];
  scene.provider.behave((answer) => void held.push(answer));
  const update = await handle.startUpdate(refresh, {
    args: [{ rejectedVersion: 1 }],
    waitForStage: 'ACCEPTED',
  });
  await eventually(() => expect(held).toHaveLength(1));
  const first = await fillHistory(workflowId, 'stored', [{ version: 1 }]);
  await scene.system.pool.query('UPDATE credentials SET version = 2 WHERE id = $1', [credentialId]);
  await handle.signal('stored', { version: 2 });
  await heard(workflowId);
  held[0]?.writeHead(503, { 'retry-after': '600' }).end();
  // Other tokens were stored meanwhile, so a failure that is about the older ones is no answer.
  expect(await update.result()).toMatchObject({ kind: 'alive', version: 2 });
  // Nobody looks any more in a run that is about to end: the next one does.
  await eventually(async () => {
    const { events } = await handle.fetchHistory();
    const scheduled = events?.map(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name,
    );
    expect(scheduled).toContain('inspectCredential');
    expect(await run(workflowId)).not.toBe(first);
  });
  scene.provider.behave(undefined);
}, 60_000);

test('S10 a caller who comes after a late word to a run that is about to end is answered, and the run ends', async () => {
  const integration = await scene.connect();
  const workflowId = workflowIds.credential(integration.credentials[0]?.id ?? '');
  const handle = scene.system.temporal.workflow.getHandle(workflowId);
  const held: (() => void)[] = [];
  scene.provider.behave(
    (answer, rotate) => void held.push(() => answerGrant(answer, rotate(), 3600)),
  );
  const ask = () =>
    handle.startUpdate(refresh, { args: [{ rejectedVersion: 1 }], waitForStage: 'ACCEPTED' });
  const before = await ask();
  await eventually(() => expect(held).toHaveLength(1));
  const first = await fillHistory(workflowId, 'stored', [{ version: 1 }]);
  await handle.signal('stored', { version: 1 });
  const after = await ask();
  await heard(workflowId);
  held[0]?.();
  const renewed = { kind: 'alive', version: 2 };
  expect(await Promise.all([before.result(), after.result()])).toMatchObject([renewed, renewed]);
  await eventually(async () => expect(await run(workflowId)).not.toBe(first));
  scene.provider.behave(undefined);
}, 60_000);
