import { WorkflowNotFoundError } from '@temporalio/client';
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
import { type IntegrationBody, sendWebhook } from '../../support/scenes/scene';

let scene: DeletionScene;
beforeAll(async () => {
  scene = await startDeletionScene({ config: { sweepSeconds: 1 } });
}, 60_000);
beforeEach(() => {
  scene.revocations.shown.length = 0;
  scene.revocations.answer(undefined);
  scene.destination.answer((_request, answer) => answer.writeHead(204).end());
});
afterAll(() => scene.close());

/** A dev server takes up to a minute and more to delete a history. */
const patience = { timeoutMs: 200_000, everyMs: 200 };

/** With something in every table that hangs on it. */
async function lived(userId: string) {
  const { system, destination } = scene;
  const integration = await scene.connect({ userId });
  const { id } = integration;
  const before = destination.received.length;
  destination.answer((_request, answer) => answer.writeHead(422).end());
  await sendWebhook(system.url, integration);
  await eventually(() => expect(destination.received).toHaveLength(before + 1), patience);
  await sendWebhook(system.url, {
    id,
    webhookSecret: `whsec_${Buffer.from('x'.repeat(24)).toString('base64')}`,
  });
  await system.api('POST', `/v1/integrations/${id}/disable`, {});
  await system.api('POST', `/v1/integrations/${id}/enable`, {});
  await system.temporal.workflow
    .getHandle(workflowIds.integration(id))
    .signal('credentialInvalidated');
  await eventually(() => hasStatus(id, 'ERROR'), patience);
  const session = await system.api<{ url: string }>('POST', '/v1/sessions', {
    userId,
    integrationId: id,
  });
  expect(session.status).toBe(201);
  await system.pool.query(
    `INSERT INTO oauth_states (state_hash, browser_hash, provider, integration_id, credential_name,
                               credential_id, code_verifier, resume, expires_at)
     VALUES (sha256($1), '', 'acme', $2, 'main', $3, '', true, now() + interval '10 minutes')`,
    [Buffer.from(id), id, integration.credentials[0]?.id],
  );
  await system.pool.query('INSERT INTO replays (id, integration_id) VALUES ($1, $1)', [id]);
  return integration;
}

async function hasStatus(id: string, status: string): Promise<void> {
  const { body } = await scene.system.api<IntegrationBody>('GET', `/v1/integrations/${id}`);
  expect(body.status).toBe(status);
}

/** Temporal knows nothing of it any more: neither an execution nor a list entry. */
async function nothingInTemporal(ids: readonly string[]): Promise<void> {
  const { workflow } = scene.system.temporal;
  for (const id of ids.filter((one) => one.includes(':'))) {
    await expect(workflow.getHandle(id).describe()).rejects.toThrow(WorkflowNotFoundError);
  }
  const { count } = await workflow.count(
    `WorkflowId IN (${ids.map((id) => `"${id}"`).join(', ')})`,
  );
  expect(count).toBe(0);
}

const age = () =>
  scene.system.pool.query(
    "UPDATE deleted_actors SET deleted_at = now() - interval '2 minutes', look_at = now()",
  );

test('of a deleted integration nothing is left in Postgres, Temporal or at the provider, and its neighbour has all of its own', async () => {
  const { pool } = scene.system;
  const gone = await lived('leaver');
  const neighbour = await lived('neighbour');
  const ids = await idsOf(pool, gone);
  const others = await idsOf(pool, neighbour);
  const before = await rowsWith(pool, others);
  // So that the zeros below mean something.
  expect(Object.keys(await rowsWith(pool, ids)).sort()).toEqual(Object.keys(before).sort());
  expect(Object.keys(before).length).toBeGreaterThan(10);

  expect(await scene.remove(`integrations/${gone.id}`)).toBe(204);
  // The session was the person's, who is still there.
  expect(
    withoutOutboxes(
      await rowsWith(
        pool,
        ids.filter((id) => id !== 'leaver'),
      ),
    ),
  ).toEqual({});
  expect(await scene.remove(`integrations/${gone.id}`)).toBe(404);
  expect((await scene.system.api('GET', `/v1/integrations/${gone.id}`)).status).toBe(404);

  await eventually(
    () =>
      expect(scene.revocations.shown).toEqual([
        { token: gone.refreshToken, hint: 'refresh_token' },
      ]),
    patience,
  );
  await eventually(() => nothingInTemporal(ids), patience);
  await age();
  await eventually(
    async () =>
      expect(
        await rowsWith(
          pool,
          ids.filter((id) => id !== 'leaver'),
        ),
      ).toEqual({}),
    patience,
  );
  expect(await rowsWith(pool, others)).toEqual(before);
  await scene.system.temporal.workflow.getHandle(workflowIds.integration(neighbour.id)).describe();
  expect(scene.revocations.shown).toHaveLength(1);
}, 300_000);

test('a credential that another integration uses is kept, with its actor and its grant', async () => {
  const { pool, temporal } = scene.system;
  const first = await scene.connect({ userId: 'sharer' });
  const second = await scene.connect({ userId: 'sharer', shares: first });
  const credentialId = first.credentials[0]?.id ?? '';
  expect(await scene.remove(`integrations/${first.id}`)).toBe(204);
  await eventually(() => hasEnded(scene, workflowIds.integration(first.id)), patience);
  expect(await rowsWith(pool, [credentialId])).toMatchObject({ credentials: 1 });
  const { status } = await temporal.workflow
    .getHandle(workflowIds.credential(credentialId))
    .describe();
  expect(status.name).toBe('RUNNING');
  expect((await scene.system.api('GET', `/v1/integrations/${second.id}/token`)).status).toBe(200);
  expect(scene.revocations.shown).toEqual([]);
  expect(await scene.remove(`integrations/${second.id}`)).toBe(204);
  await eventually(
    () => expect(scene.revocations.shown.map(({ token }) => token)).toEqual([first.refreshToken]),
    patience,
  );
}, 300_000);

test('a delivery that is in hand ends, and leaves nothing behind', async () => {
  const { system, destination } = scene;
  const integration = await scene.connect();
  const before = destination.received.length;
  const release: (() => void)[] = [];
  destination.answer((_request, answer) => release.push(() => answer.writeHead(204).end()));
  await sendWebhook(system.url, integration);
  await eventually(() => expect(destination.received).toHaveLength(before + 1), patience);
  const ids = await idsOf(system.pool, integration);
  expect(await scene.remove(`integrations/${integration.id}`)).toBe(204);
  expect((await sendWebhook(system.url, integration)).status).toBe(404);
  release.forEach((one) => one());
  await eventually(() => hasEnded(scene, workflowIds.integration(integration.id)), patience);
  expect(
    withoutOutboxes(
      await rowsWith(
        system.pool,
        ids.filter((id) => id !== 'user-1'),
      ),
    ),
  ).toEqual({});
}, 300_000);
