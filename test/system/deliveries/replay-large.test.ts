import type { ServerResponse } from 'node:http';
import { WorkflowNotFoundError } from '@temporalio/client';
import { workflowIds } from '../../../workflows/contract/ids';
import { eventually } from '../../support/eventually';
import { loseWorkflow } from '../../support/scenes/lose-workflow';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import { insertHold } from '../../support/scenes/rows';

/** Half of it is a replay's share of the queue. */
const keepLimit = 2_000;
const share = keepLimit / 2;

let scene: Scene;
beforeAll(async () => {
  scene = await startScene({ config: { keepLimit, sweepSeconds: 1 } });
}, 60_000);
beforeEach(() => takeAll());
afterAll(() => scene.close());

const patience = { timeoutMs: 400_000, everyMs: 300 };

const takeAll = () => scene.destination.answer((_request, answer) => answer.writeHead(204).end());

interface Replay {
  id: string;
  count: number;
  done: number;
  endReason: string | null;
  cancelledAt: string | null;
}

const show = async (id: string) =>
  (await scene.system.api<Replay>('GET', `/v1/replays/${id}`)).body;

async function replay({ id }: IntegrationBody): Promise<Replay> {
  const { status, body } = await scene.system.api<Replay>('POST', `/v1/integrations/${id}/replay`);
  expect(status).toBe(202);
  return body;
}

/** As they stand after they were set aside. */
const deadLetters = (to: IntegrationBody, count: number) =>
  scene.system.pool.query(
    `INSERT INTO deliveries (id, integration_id, claim, outcome, state, dedupe_hash, headers, body, attempts,
                             error, received_at, ended_at)
     SELECT 'dlv_' || md5($1::text || n), $1::text, 'c', 'accepted', 'failed', sha256(n::text::bytea),
            '[["content-type","text/plain"]]', n::text::bytea, 1, 'HTTP 400',
            now() - interval '1 day' + n * interval '1 ms', now() - interval '1 hour'
     FROM generate_series(1, $2::int) n`,
    [to.id, count],
  );

/** Nothing of it is handled for as long. */
async function hold(userId: string): Promise<() => Promise<void>> {
  const { pool, temporal } = scene.system;
  await insertHold(pool, { user_id: userId, reason: 'a pause' });
  return async () => {
    await pool.query('DELETE FROM holds WHERE user_id = $1', [userId]);
    const { rows } = await pool.query<{ id: string }>(
      'SELECT id FROM integrations WHERE user_id = $1',
      [userId],
    );
    for (const { id } of rows) {
      await temporal.workflow.getHandle(workflowIds.integration(id)).signal('holdChanged');
    }
  };
}

const numbersSince = (first: number) =>
  scene.destination.received.slice(first).map(({ body }) => Number(body.toString()));

test('S25 two thousand, with the worker stopped in the middle: each is replayed once, in order, and progress grows', async () => {
  const count = 2_000;
  const integration = await scene.connect();
  await deadLetters(integration, count);
  const first = scene.destination.received.length;
  const received = () => scene.destination.received.length - first;
  // The rest is not queued while half the limit is pending: so this is the middle, however fast it goes.
  let held: ServerResponse | undefined;
  scene.destination.answer((_request, answer) => {
    if (received() === 600) held = answer;
    else answer.writeHead(204).end();
  });
  const { id, count: chosen } = await replay(integration);
  expect(chosen).toBe(count);
  const seen: number[] = [];
  let most = 0;
  const look = async () => {
    const { done } = await show(id);
    if (done !== seen.at(-1)) seen.push(done);
    const { pending } = (await scene.show(integration.id)).inbox;
    most = Math.max(most, pending);
    return done;
  };
  expect(await look()).toBeLessThan(count);
  await eventually(() => expect(held).toBeDefined(), patience);
  const stopped = scene.system.stopWorker();
  takeAll();
  held?.writeHead(204).end();
  await stopped;
  const middle = await show(id);
  expect(middle.done).toBeLessThan(count);
  expect(middle.endReason).toBeNull();
  await scene.system.startWorker();
  await eventually(async () => expect(await look()).toBe(count), patience);
  await eventually(() => expect(received()).toBeGreaterThanOrEqual(count), patience);
  await eventually(
    async () =>
      expect((await scene.show(integration.id)).inbox).toMatchObject({
        handled: count,
        pending: 0,
      }),
    patience,
  );
  expect(numbersSince(first)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  expect(await show(id)).toMatchObject({ done: count, endReason: 'completed' });
  expect(seen.length).toBeGreaterThan(1);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(most).toBeLessThanOrEqual(share);
}, 600_000);

test('S25 a replay that is cancelled in the middle leaves in the queue what it put there, and nothing follows', async () => {
  const integration = await scene.connect({ userId: 'canceller' });
  const lift = await hold('canceller');
  await deadLetters(integration, 3_000);
  const { id } = await replay(integration);
  await eventually(async () => expect((await show(id)).done).toBe(share), patience);
  const { status, body } = await scene.system.api<Replay>('DELETE', `/v1/replays/${id}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    ...{ count: 3_000, done: share, endReason: 'cancelled' },
    cancelledAt: expect.stringMatching(/^2.*Z$/) as string,
  });
  await lift();
  const inbox = { handled: share, failed: 3_000 - share, pending: 0 };
  await eventually(
    async () => expect((await scene.show(integration.id)).inbox).toMatchObject(inbox),
    patience,
  );
  const ended = scene.system.temporal.workflow.getHandle(workflowIds.replay(id));
  await eventually(
    async () => expect((await ended.describe()).status.name).toBe('COMPLETED'),
    patience,
  );
  expect((await scene.show(integration.id)).inbox).toMatchObject(inbox);
  expect(await show(id)).toEqual(body);
}, 300_000);

test('S25 switched off in the middle, the rest is not replayed, and the replay says so', async () => {
  const integration = await scene.connect({ userId: 'leaver' });
  const lift = await hold('leaver');
  await deadLetters(integration, 3_000);
  const { id } = await replay(integration);
  await eventually(async () => expect((await show(id)).done).toBe(share), patience);
  await scene.system.api('POST', `/v1/integrations/${integration.id}/disable`, {});
  await scene.system.api('POST', `/v1/integrations/${integration.id}/enable`, {});
  await lift();
  await eventually(
    async () =>
      expect(await show(id)).toMatchObject({ done: share, endReason: 'integration_disabled' }),
    patience,
  );
  expect((await scene.show(integration.id)).inbox).toMatchObject({ failed: 3_000 - share });
}, 300_000);

test('S25 a replay whose workflow was lost is found by the sweep', async () => {
  const integration = await scene.connect({ userId: 'forgotten' });
  const lift = await hold('forgotten');
  await deadLetters(integration, 1_500);
  const { id } = await replay(integration);
  await eventually(async () => expect((await show(id)).done).toBe(share), patience);
  await loseWorkflow(scene.system.temporal, workflowIds.replay(id));
  await lift();
  await eventually(
    async () => expect((await scene.show(integration.id)).inbox.pending).toBe(0),
    patience,
  );
  expect((await show(id)).done).toBe(share);
  await scene.system.pool.query(
    "UPDATE replays SET fed_at = now() - interval '2 minutes' WHERE id = $1",
    [id],
  );
  await eventually(
    async () => expect(await show(id)).toMatchObject({ done: 1_500, endReason: 'completed' }),
    patience,
  );
}, 300_000);

test('S25 with its integration a replay that waits is deleted, and its history goes', async () => {
  const integration = await scene.connect({ userId: 'deleted' });
  await hold('deleted');
  await deadLetters(integration, 1_500);
  const { id } = await replay(integration);
  await eventually(async () => expect((await show(id)).done).toBe(share), patience);
  await scene.system.api('DELETE', `/v1/integrations/${integration.id}`);
  expect((await scene.system.api('GET', `/v1/replays/${id}`)).status).toBe(404);
  const { rowCount } = await scene.system.pool.query('SELECT FROM replays WHERE id = $1', [id]);
  expect(rowCount).toBe(0);
  const { rows } = await scene.system.pool.query(
    'SELECT FROM deleted_actors WHERE workflow_id = $1',
    [workflowIds.replay(id)],
  );
  expect(rows).toHaveLength(1);
  const { workflow } = scene.system.temporal;
  await eventually(async () => {
    const status = await workflow
      .getHandle(workflowIds.replay(id))
      .describe()
      .then(
        (description) => description.status.name,
        (error: unknown) => (error instanceof WorkflowNotFoundError ? 'deleted' : 'unknown'),
      );
    expect(['COMPLETED', 'TERMINATED', 'deleted']).toContain(status);
  }, patience);
}, 300_000);
