import type { temporal } from '@temporalio/proto';
import { workflowIds } from '../../workflows/contract/ids';
import type { SeenRun } from '../../src/temporal/actor-runs';
import type { ProviderDeclaration } from '../../src/providers/provider';
import { eventually } from '../support/eventually';
import { answerJson } from '../support/doubles/oauth-server';
import { type Scene, startScene } from '../support/scenes/scene';
import { type NoticeReceiver, startNoticeReceiver } from '../support/doubles/notification-receiver';

type Recorded = [string, temporal.api.history.v1.IHistory];

/** Like the other provider; it is asked whether tokens live, and revokes grants. */
const probed = (declaration: ProviderDeclaration): ProviderDeclaration => {
  const { oauth } = declaration;
  const { origin } = new URL(oauth?.tokenUrl ?? '');
  return {
    ...declaration,
    ...(oauth === undefined ? {} : { oauth: { ...oauth, revocationUrl: `${origin}/revoke` } }),
    probe: { url: `${origin}/me`, everySeconds: 2 },
  };
};

/** Plays everything that actors do and are told, on real servers. @returns histories by name */
export async function playHistories(): Promise<Recorded[]> {
  const receiver = await startNoticeReceiver();
  const config = { ...receiver.config, keepLimit: 1_000 };
  const scene = await startScene({ config, alike: { probed }, durations: { trialPauseMs: 1_000 } });
  try {
    const days = await playDays(scene, receiver);
    const ends = await playEnds(scene);
    const long = await playLong(scene);
    const recorded: Recorded[] = [];
    const whole = Object.entries({ ...days, ...ends }).map(
      ([name, workflowId]) => [name, { workflowId, runId: undefined }] as const,
    );
    for (const [name, { workflowId, runId }] of [...whole, ...Object.entries(long)]) {
      const handle = scene.system.temporal.workflow.getHandle(workflowId, runId);
      recorded.push([name, await handle.fetchHistory()]);
    }
    return recorded;
  } finally {
    await scene.close();
    await receiver.close();
  }
}

/** What an actor does every day. */
async function playDays(scene: Scene, receiver: NoticeReceiver) {
  const integration = await scene.connect({ userId: 'user-1', name: 'crm' });
  const { id } = integration;
  const credential = integration.credentials[0]?.id ?? '';
  const handle = scene.system.temporal.workflow.getHandle(workflowIds.integration(id));
  await scene.webhook(integration);
  await eventually(() => expect(scene.destination.received).toHaveLength(1));
  scene.destination.answer((_request, answer) => answer.writeHead(500).end());
  await scene.webhook(integration);
  await eventually(() => expect(scene.destination.received).toHaveLength(2));
  scene.destination.answer((_request, answer) => answer.writeHead(204).end());
  await handle.signal('credentialInvalidated', 'junk');
  await handle.signal('nobodyKnowsThis');
  scene.provider.behave((answer) => answer.writeHead(503).end());
  await scene.system.api('POST', `/v1/integrations/${id}/token/reject`, { version: 1 });
  scene.provider.behave(undefined);
  await eventually(
    async () => expect((await scene.show(id)).credentials[0]).toMatchObject({ version: 2 }),
    { timeoutMs: 20_000 },
  );
  receiver.refuse(true);
  scene.provider.revokeAll();
  await scene.system.api('POST', `/v1/integrations/${id}/token/reject`, { version: 2 });
  await scene.until(id, 'ERROR');
  await eventually(() => expect(receiver.attempts).not.toEqual([]));
  await scene.system.api('PUT', `/v1/integrations/${id}/credentials/main`, scene.provider.grant());
  await scene.until(id, 'ENABLED');
  receiver.refuse(false);
  await scene.system.api('POST', `/v1/integrations/${id}/disable`, {});
  await scene.system.api('POST', `/v1/integrations/${id}/enable`, {});
  await handle.signal('holdChanged');
  await eventually(async () => expect((await scene.show(id)).inbox).toMatchObject({ pending: 0 }));
  await eventually(() => expect(receiver.notices).toHaveLength(2));
  const replayId = await replayMany(scene, id);
  return {
    replay: workflowIds.replay(replayId),
    integration: workflowIds.integration(id),
    credential: workflowIds.credential(credential),
    notification: workflowIds.notification(id),
    sweep: workflowIds.restore,
    comparison: workflowIds.compare,
  };
}

/** More than there is room for at once. */
async function replayMany({ system }: Scene, integrationId: string): Promise<string> {
  await system.pool.query(
    `INSERT INTO deliveries (id, integration_id, claim, outcome, state, dedupe_hash, headers, body, ended_at)
     SELECT 'dlv_' || n, $1, 'c', 'accepted', 'failed', sha256(n::text::bytea), '[]', '', now()
     FROM generate_series(1, 600) n`,
    [integrationId],
  );
  const url = `/v1/integrations/${integrationId}/replay`;
  const { body } = await system.api<{ id: string }>('POST', url);
  const handle = system.temporal.workflow.getHandle(workflowIds.replay(body.id));
  await handle.result();
  return body.id;
}

/** Tokens that are doubted, die, are tried once more by an operator's word, and are deleted. */
async function playEnds(scene: Scene) {
  const { pool, temporal } = scene.system;
  const integration = await scene.connect({
    ...{ userId: 'user-2', name: 'probed', fields: { provider: 'probed' } },
  });
  const credentialId = integration.credentials[0]?.id ?? '';
  const [actor, credential] = [
    temporal.workflow.getHandle(workflowIds.integration(integration.id)),
    temporal.workflow.getHandle(workflowIds.credential(credentialId)),
  ];
  await did(scene, credential.workflowId, 'probeCredential');
  scene.provider.behave((answer) => answer.writeHead(503).end());
  await scene.system.api('POST', `/v1/integrations/${integration.id}/token/reject`, { version: 1 });
  await pool.query(
    `UPDATE credentials SET degraded_since = degraded_since - interval '16 minutes' WHERE id = $1`,
    [credentialId],
  );
  await credential.signal('stored', { version: 1 });
  await did(scene, credential.workflowId, 'noticeDegraded');
  scene.provider.behave((answer) => answerJson(answer, 400, { error: 'invalid_grant' }));
  await actor.signal('credentialInvalidated');
  await scene.until(integration.id, 'ERROR');
  await actor.signal('reauthorized');
  await did(scene, credential.workflowId, 'tryCredential');
  await did(scene, actor.workflowId, 'recordReason');
  await actor.signal('holdChanged', { why: 'differs' });
  scene.provider.behave(undefined);
  await scene.system.api('DELETE', `/v1/integrations/${integration.id}`);
  await did(scene, credential.workflowId, 'revokeGrant');
  await actor.result();
  return { 'integration-ends': actor.workflowId, 'credential-ends': credential.workflowId };
}

/** Waits for an activity of an actor's. */
const did = ({ system }: Scene, workflowId: string, activity: string) =>
  eventually(
    async () => {
      const { events } = await system.temporal.workflow.getHandle(workflowId).fetchHistory();
      const done = events?.map(
        (event) => event.activityTaskScheduledEventAttributes?.activityType?.name,
      );
      expect(done).toContain(activity);
    },
    { timeoutMs: 30_000 },
  );

/** Until their runs are long enough to be continued by others. @returns those runs, by name */
async function playLong(scene: Scene): Promise<Record<string, SeenRun>> {
  const integration = await scene.connect({ userId: 'user-3', name: 'long' });
  const credential = workflowIds.credential(integration.credentials[0]?.id ?? '');
  return {
    long: await untilContinued(scene, workflowIds.integration(integration.id), 'holdChanged'),
    'long-credential': await untilContinued(scene, credential, 'stored', { version: 1 }),
  };
}

async function untilContinued(
  { system }: Scene,
  workflowId: string,
  signal: string,
  ...args: unknown[]
): Promise<SeenRun> {
  const handle = system.temporal.workflow.getHandle(workflowId);
  const { runId } = await eventually(() => handle.describe());
  for (let told = 0; told < 200 && (await handle.describe()).runId === runId; told++) {
    await handle.signal(signal, ...args);
    await eventually(async () => {
      const { pendingActivities, pendingWorkflowTask } = (await handle.describe()).raw;
      expect([pendingActivities?.length, pendingWorkflowTask ?? null]).toEqual([0, null]);
    });
  }
  expect((await handle.describe()).runId).not.toBe(runId);
  return { workflowId, runId };
}
