import { workflowIds } from '../../../workflows/contract/ids';
import {
  type DeletionScene,
  hasEnded,
  idsOf,
  rowsWith,
  startDeletionScene,
  withoutOutboxes,
} from '../../support/scenes/deletion-scene';
import { eventually } from '../../support/eventually';
import { freePort } from '../../support/processes/free-port';
import { whileShut } from '../../support/gate';
import { answerJson } from '../../support/doubles/oauth-server';
import { type OwnTemporal, startOwnTemporal } from '../../support/servers/own-temporal';
import { createProcesses } from '../../support/processes/processes';
import { insertIntegrations, sql } from '../../support/scenes/rows';

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

test('a gateway that is killed while it deletes a person is no harm: asked again, the next one finishes it', async () => {
  const { pool, config } = scene.system;
  // A page of them, which is gone when the gateway comes to the other two.
  await insertIntegrations(pool, 20, {
    ...{ id: sql("'int_00' || n + 9"), user_id: 'halfway', name: sql("'c' || n") },
  });
  const connections = [
    await scene.connect({ userId: 'halfway' }),
    await scene.connect({ userId: 'halfway' }),
  ];
  const ids = ['halfway'];
  for (const one of connections) ids.push(...(await idsOf(pool, one)));
  const inTheMiddle = connections[1]?.id ?? '';
  const port = await freePort();
  const processes = createProcesses({ ...config, port }, { acme: scene.provider.declaration });
  try {
    const gateway = processes.start('gateway');
    const url = `http://127.0.0.1:${port}`;
    await eventually(
      async () => expect((await fetch(`${url}/healthz`)).status).toBe(200),
      patience,
    );
    const where = `AFTER DELETE ON integrations FOR EACH ROW WHEN (OLD.id = '${inTheMiddle}')`;
    await whileShut({ pool, where }, async (reached) => {
      const asked = fetch(`${url}/v1/users/halfway`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${config.apiKeys[0] ?? ''}` },
      }).then(
        ({ status }) => status,
        () => 'cut off',
      );
      await reached();
      await gateway.kill();
      expect(await asked).toBe('cut off');
    });
  } finally {
    await processes.close();
  }
  // Two are left: nobody finds them, and nothing comes in any more.
  await eventually(
    async () => expect(await rowsWith(pool, ['halfway'])).toMatchObject({ integrations: 2 }),
    patience,
  );
  expect((await scene.system.api('GET', `/v1/integrations/${inTheMiddle}`)).status).toBe(404);
  expect(await scene.remove('users/halfway')).toBe(204);
  expect(withoutOutboxes(await rowsWith(pool, ids))).toEqual({});
  await eventually(
    () =>
      expect(scene.revocations.shown.map(({ token }) => token).sort()).toEqual(
        connections.map(({ refreshToken }) => refreshToken).sort(),
      ),
    patience,
  );
}, 240_000);

test('a deletion while Temporal is away is one: its actors end when it is back', async () => {
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
    await eventually(() => hasEnded(scene, id), patience);
  }
  expect(scene.revocations.shown).toEqual([
    { token: integration.refreshToken, hint: 'refresh_token' },
  ]);
}, 240_000);

async function hasTriedToRevoke(workflowId: string): Promise<void> {
  const handle = scene.system.temporal.workflow.getHandle(workflowId);
  const { events = [] } = await handle.fetchHistory();
  const tried = events?.some(
    ({ activityTaskScheduledEventAttributes: scheduled, eventId }) =>
      scheduled?.activityType?.name === 'revokeGrant' &&
      events.some(({ activityTaskCompletedEventAttributes: completed }) =>
        completed?.scheduledEventId?.eq(eventId ?? 0),
      ),
  );
  expect(tried).toBe(true);
}

test('a refresh that ends after the deletion of its credential leaves no grant behind', async () => {
  const { provider, system, revocations } = scene;
  const integration = await scene.connect();
  revocations.shown.length = 0;
  const calls = provider.tokenCalls();
  let release = (): string => '';
  provider.behave((answer, rotate) => {
    release = () => {
      const grant = rotate();
      answerJson(answer, 200, {
        ...{ access_token: grant?.accessToken, refresh_token: grant?.refreshToken },
        ...{ token_type: 'Bearer', expires_in: 3600 },
      });
      return grant?.refreshToken ?? '';
    };
  });
  const rejected = system.api('POST', `/v1/integrations/${integration.id}/token/reject`, {
    version: 1,
  });
  await eventually(() => expect(provider.tokenCalls()).toBe(calls + 1), patience);
  expect(await scene.remove(`integrations/${integration.id}`)).toBe(204);
  // Its actor has looked whether there is a grant to be given back, and waits for the refresh.
  const actor = workflowIds.credential(integration.credentials[0]?.id ?? '');
  await eventually(() => hasTriedToRevoke(actor), patience);
  expect(revocations.shown).toEqual([]);
  const newest = release();
  provider.behave(undefined);
  await rejected;
  await eventually(
    () => expect(revocations.shown).toEqual([{ token: newest, hint: 'refresh_token' }]),
    patience,
  );
}, 240_000);
