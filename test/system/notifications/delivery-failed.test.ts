import { workflowIds } from '../../../workflows/contract/ids';
import { eventually } from '../../support/eventually';
import {
  type NoticeReceiver,
  startNoticeReceiver,
} from '../../support/doubles/notification-receiver';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import { patiently, sendAll, untilState } from '../deliveries/handled-deliveries';

let receiver: NoticeReceiver;
let scene: Scene;
beforeAll(async () => {
  receiver = await startNoticeReceiver();
  scene = await startScene({
    config: { ...receiver.config, sweepSeconds: 1 },
    durations: { failingNoticeMs: 1_500, retryDelaysMs: [1_000] },
  });
}, 60_000);
afterAll(async () => {
  await scene.close();
  await receiver.close();
}, 60_000);

test('delivery.failed: one at the beginning, however many are set aside; the next one only after an hour and a success', async () => {
  const integration = await scene.connect({ fields: { metadata: { plan: 'gold' } } });
  const answerWith = (status: number) =>
    scene.destination.answer((_request, answer) => void answer.writeHead(status).end());
  const sendAndAwait = async (state: string, count = 1) => {
    const sent = await sendAll(scene, integration, count);
    for (const { id } of sent) await untilState(scene, id, state);
    return sent;
  };
  const episode = async () =>
    (
      await scene.system.pool.query<{ kind: string }>(
        'SELECT kind FROM integration_episodes WHERE integration_id = $1',
        [integration.id],
      )
    ).rows;
  const waiting = async () =>
    (await scene.system.pool.query('SELECT FROM notices WHERE ended_at IS NULL')).rowCount;
  const failed = async () => {
    await eventually(async () => expect(await waiting()).toBe(0), patiently);
    return receiver.notices.filter(({ type }) => type === 'delivery.failed');
  };

  answerWith(400);
  const [first] = await sendAndAwait('failed', 3);
  await eventually(async () => expect(await failed()).toHaveLength(1), patiently);
  expect(receiver.attempts.every(({ verified }) => verified)).toBe(true);
  expect((await failed())[0]).toMatchObject({
    type: 'delivery.failed',
    data: {
      ...{ integrationId: integration.id, userId: 'user-1', name: expect.any(String) as string },
      ...{ provider: 'acme', metadata: { plan: 'gold' }, status: 'ENABLED', transition: 0 },
      delivery: { id: first?.id, attempts: 1, status: 400 },
    },
  });

  // Handled within the hour: the trouble may come back any moment, and is still the same.
  answerWith(204);
  await sendAndAwait('handled');
  expect(await episode()).toEqual([{ kind: 'delivery_failed' }]);
  answerWith(400);
  await sendAndAwait('failed');
  expect(await failed()).toHaveLength(1);

  await scene.system.pool.query(
    "UPDATE integration_episodes SET began_at = began_at - interval '1 hour'",
  );
  // Set aside later than an hour after the beginning: nothing was handled since.
  await sendAndAwait('failed');
  expect(await failed()).toHaveLength(1);
  answerWith(204);
  await sendAndAwait('handled');
  expect(await episode()).toEqual([]);
  answerWith(400);
  await sendAndAwait('failed', 2);
  await eventually(async () => expect(await failed()).toHaveLength(2), patiently);
}, 120_000);

test('delivery.failing: a destination that fails shows in the API and in Temporal, is told of once for all who go there, and comes right by itself', async () => {
  const { origin } = new URL(scene.destination.url);
  const both = [await scene.connect(), await scene.connect()];
  const answerWith = (status: number) =>
    scene.destination.answer((_request, answer) => void answer.writeHead(status).end());
  const health = async ({ id }: IntegrationBody) =>
    (await scene.show(id)) as IntegrationBody & { deliveryHealth: { since: string } };
  const details = ({ id }: IntegrationBody) =>
    scene.system.temporal.workflow
      .getHandle(workflowIds.integration(id))
      .query<{ currentDetails: string }>('__temporal_workflow_metadata');
  const failing = () => receiver.notices.filter(({ type }) => type === 'delivery.failing');

  answerWith(500);
  const sent = [];
  for (const one of both) sent.push(await scene.webhook(one));
  const error = 'The destination answered 500';
  for (const one of both) {
    await eventually(
      async () =>
        expect(await health(one)).toMatchObject({
          ...{ status: 'ENABLED', health: 'healthy' },
          deliveryHealth: { state: 'failing', error, nextAttemptAt: expect.any(String) as string },
        }),
      patiently,
    );
    await eventually(
      async () =>
        expect((await details(one)).currentDetails).toMatch(
          /Deliveries fail\*\* at `http:[^`]*` since 2[^`]*: `The destination answered 500`\. The next attempt is at 2/,
        ),
      patiently,
    );
  }
  await eventually(() => expect(failing()).toHaveLength(1), patiently);
  expect(both.map(({ id }) => id)).toContain(failing()[0]?.data['integrationId']);
  expect(failing()[0]?.data).toMatchObject({
    ...{ provider: 'acme', status: 'ENABLED', reason: null, transition: 0 },
    destination: { origin, error, integrations: expect.any(Number) as number },
  });

  answerWith(204);
  for (const { id } of sent) await untilState(scene, id, 'handled');
  const ok = { state: 'ok', since: null, error: null, nextAttemptAt: null };
  for (const one of both) {
    expect(await health(one)).toMatchObject({ deliveryHealth: ok });
    await eventually(
      async () => expect((await details(one)).currentDetails).not.toContain('Deliveries fail'),
      patiently,
    );
  }
  expect((await scene.system.pool.query('SELECT FROM failing_origins')).rowCount).toBe(0);
  expect(failing()).toHaveLength(1);
}, 120_000);
