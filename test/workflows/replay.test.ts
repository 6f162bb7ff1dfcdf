import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import { workflowIds } from '../../workflows/contract/ids';
import { eventually } from '../support/eventually';
import { type Scene, startScene } from '../support/scenes/scene';
import { type NoticeReceiver, startNoticeReceiver } from '../support/doubles/notification-receiver';
import { testWorkflowBundle } from '../support/servers/workflow-bundle';
import { dataConverter } from '../../src/temporal/data-converter';
import { quietRuntime } from '../support/servers/quiet-runtime';

const folder = path.join(__dirname, 'histories');

/**
 * `HOLDFAST_TEST_RECORD=<name> npx jest test/workflows/replay` plays a scene and keeps its histories beside the
 * older ones. Done before a change of the workflows, so that what runs in production is known to go on.
 */
const recording = process.env['HOLDFAST_TEST_RECORD'];

if (recording !== undefined) {
  test('records histories', async () => {
    const receiver = await startNoticeReceiver();
    const scene = await startScene({ config: { ...receiver.config, keepLimit: 1_000 } });
    try {
      for (const [name, workflowId] of await play(scene, receiver)) {
        const handle = scene.system.temporal.workflow.getHandle(workflowId);
        // Process ids and host names are nobody's business.
        const history = historyToJSON(await handle.fetchHistory())
          .replaceAll(/"identity": "[^"]*"/g, '"identity": "holdfast"')
          .replaceAll(/"name": "\d+@[^"]*"/g, '"name": "holdfast"');
        mkdirSync(folder, { recursive: true });
        writeFileSync(path.join(folder, `${recording}-${name}.json`), `${history}\n`);
      }
    } finally {
      await scene.close();
      await receiver.close();
    }
  }, 200_000);
}

/** Everything that an actor does, once. */
async function play(scene: Scene, receiver: NoticeReceiver): Promise<[string, string][]> {
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
  return [
    ['replay', workflowIds.replay(replayId)],
    ['integration', workflowIds.integration(id)],
    ['credential', workflowIds.credential(credential)],
    ['notification', workflowIds.notification(id)],
    ['sweep', workflowIds.restore],
  ];
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

const histories = readdirSync(folder).filter((file) => file.endsWith('.json'));

test('there are histories of every actor', () => {
  for (const actor of ['integration', 'credential', 'notification', 'replay', 'sweep']) {
    expect(histories.filter((file) => file.includes(actor))).not.toEqual([]);
  }
});

test.each(histories)('the history %s replays', async (file) => {
  const history = historyFromJSON(JSON.parse(readFileSync(path.join(folder, file), 'utf8')));
  quietRuntime();
  await Worker.runReplayHistory(
    { workflowBundle: { codePath: testWorkflowBundle() }, dataConverter },
    history,
  );
});
