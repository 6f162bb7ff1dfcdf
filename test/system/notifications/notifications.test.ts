import type { ServerResponse } from 'node:http';
import { taskQueues, workflowIds } from '../../../workflows/contract/ids';
import { noticeWaiting } from '../../../workflows/contract/messages';
import { eventually } from '../../support/eventually';
import {
  type NoticeReceiver,
  startNoticeReceiver,
} from '../../support/doubles/notification-receiver';
import { type OwnScene, startOwnScene } from '../../support/scenes/own-scene';
import type { IntegrationBody } from '../../support/scenes/scene';

let receiver: NoticeReceiver;
let scene: OwnScene;
beforeAll(async () => {
  receiver = await startNoticeReceiver();
  scene = await startOwnScene({ config: receiver.config }, [
    'limit.historyCount.suggestContinueAsNew=40',
  ]);
}, 90_000);
afterAll(async () => {
  receiver.answer((answer) => answer.writeHead(204).end());
  await scene.close();
  await receiver.close();
});
afterEach(() => {
  receiver.answer(undefined);
  receiver.refuse(false);
});

const patiently = { timeoutMs: 60_000 };
const actor = (workflowId: string) => scene.system.temporal.workflow.getHandle(workflowId);
const runId = async (workflowId: string) => (await actor(workflowId).describe()).runId;

const die = ({ id }: IntegrationBody, version: number) =>
  scene.system.api('POST', `/v1/integrations/${id}/token/reject`, { version });
const reconnect = ({ id }: IntegrationBody) =>
  scene.system.api('PUT', `/v1/integrations/${id}/credentials/main`, scene.provider.grant());
const untilStatus = ({ id }: IntegrationBody, status: string) =>
  eventually(async () => expect(await scene.show(id)).toMatchObject({ status }), patiently);
const attemptsOf = ({ id }: IntegrationBody) =>
  receiver.attempts.filter(({ notice }) => notice.data['integrationId'] === id);
const told = (integration: IntegrationBody) =>
  attemptsOf(integration)
    .filter(({ taken }) => taken)
    .map(({ notice }) => [notice.type, notice.data['transition']]);

/** An hour in the rows; the actors' clock can't be moved, and so one is told to look. */
async function passAnHour({ id }: IntegrationBody) {
  await scene.system.pool.query(
    `UPDATE notices SET attempts = 12, created_at = created_at - interval '1 hour',
       next_attempt_at = next_attempt_at - interval '1 hour'
     WHERE stream = $1 AND ended_at IS NULL AND claimed_until IS NULL`,
    [id],
  );
  await actor(workflowIds.notification(id)).signal(noticeWaiting);
}

test('S50 the first connection is told as the first; not the one after a death', async () => {
  const integration = await scene.connect({ credentials: {} });
  expect(await scene.show(integration.id)).toMatchObject({ status: 'ERROR', health: 'new' });
  await reconnect(integration);
  await untilStatus(integration, 'ENABLED');
  scene.provider.revokeAll();
  await die(integration, 1);
  await untilStatus(integration, 'ERROR');
  expect(await scene.show(integration.id)).toMatchObject({ health: 'dead' });
  await reconnect(integration);
  await eventually(() => expect(attemptsOf(integration)).toHaveLength(3), patiently);
  expect(
    attemptsOf(integration).map(({ notice: { type, data } }) => [type, data['first']]),
  ).toEqual([
    ['integration.recovered', true],
    ['integration.error', undefined],
    ['integration.recovered', undefined],
  ]);
});

test('S50 where one was never connected and another has died, that one is broken; the end of both is still the first connection', async () => {
  const [missing] = (await scene.connect({ credentials: {} })).credentials;
  const integration = await scene.connect({
    credentials: { archive: { id: missing?.id ?? '' }, crm: scene.provider.grant() },
  });
  const url = `/v1/integrations/${integration.id}`;
  const put = (name: string) =>
    scene.system.api('PUT', `${url}/credentials/${name}`, scene.provider.grant());
  await scene.system.api('POST', `${url}/disable`);
  await scene.system.api('POST', `${url}/enable`);
  expect(await scene.show(integration.id)).toMatchObject({
    ...{ status: 'ERROR', transition: 2, health: 'new' },
    reason: { code: 'not_connected', credential: 'archive' },
  });
  await scene.system.api('POST', `${url}/credentials/crm/invalidated`, {});
  await eventually(async () => {
    expect(await scene.show(integration.id)).toMatchObject({
      ...{ status: 'ERROR', transition: 2, health: 'dead' },
      reason: { code: 'invalidated', credential: 'crm' },
    });
    expect(await scene.system.api('GET', '/v1/status')).toMatchObject({
      body: { broken: [{ code: 'invalidated', count: 1, example: integration.id }] },
    });
  }, patiently);
  await put('archive');
  await put('crm');
  await untilStatus(integration, 'ENABLED');
  await eventually(() => expect(attemptsOf(integration)).toHaveLength(3), patiently);
  expect(
    attemptsOf(integration).map(({ notice: { type, data } }) => [type, data['first']]),
  ).toEqual([
    // Switched off, and on again.
    ['integration.recovered', undefined],
    ['integration.error', undefined],
    ['integration.recovered', true],
  ]);
});

test('S50 death and recovery are told when the receiver is back after an hour, across continue-as-new of both actors', async () => {
  receiver.refuse(true);
  const integration = await scene.connect({ fields: { metadata: { plan: 'gold' } } });
  const own = workflowIds.integration(integration.id);
  const notification = workflowIds.notification(integration.id);
  await eventually(() => runId(own), patiently);
  const firstOwn = await runId(own);
  scene.provider.revokeAll();
  await die(integration, 1);
  await untilStatus(integration, 'ERROR');
  await eventually(() => expect(attemptsOf(integration)).not.toHaveLength(0), patiently);
  const firstNotification = await runId(notification);
  await reconnect(integration);
  await untilStatus(integration, 'ENABLED');

  // Each signal is a look at the rows: the histories grow until their runs end.
  await eventually(async () => {
    await actor(own).signal('holdChanged');
    await actor(notification).signal(noticeWaiting);
    expect(await runId(own)).not.toBe(firstOwn);
    expect(await runId(notification)).not.toBe(firstNotification);
  }, patiently);
  expect(told(integration)).toEqual([]);

  receiver.refuse(false);
  await passAnHour(integration);
  await eventually(
    () =>
      expect(told(integration)).toEqual([
        ['integration.error', 1],
        ['integration.recovered', 2],
      ]),
    patiently,
  );
  const attempts = attemptsOf(integration);
  expect(attempts.every(({ verified }) => verified)).toBe(true);
  const idsOf = (type: string) =>
    new Set(attempts.filter(({ notice }) => notice.type === type).map(({ id }) => id));
  expect([idsOf('integration.error').size, idsOf('integration.recovered').size]).toEqual([1, 1]);
  expect(attempts.at(-1)?.notice.data).toEqual({
    ...{ integrationId: integration.id, userId: 'user-1', provider: 'acme' },
    ...{ name: expect.any(String) as string, metadata: { plan: 'gold' } },
    ...{ status: 'ENABLED', reason: null, transition: 2 },
    reconnectUrl: `http://holdfast.test/reconnect/${integration.id}`,
  });
}, 180_000);

test('S50 a receiver that never answers holds no actor and no webhook: notices have slots of their own', async () => {
  const hanging: ServerResponse[] = [];
  receiver.answer((answer) => void hanging.push(answer));
  const integration = await scene.connect();
  scene.provider.revokeAll();
  await die(integration, 1);
  await untilStatus(integration, 'ERROR');
  await eventually(() => expect(hanging).not.toHaveLength(0), patiently);
  // The death's notice is under way for all of this.
  const sent = await scene.webhook(integration);
  expect(sent.outcome).toBe('parked');
  await reconnect(integration);
  await untilStatus(integration, 'ENABLED');
  await eventually(
    () => expect(scene.destination.received.map(({ id }) => id)).toContain(sent.id),
    patiently,
  );
  expect(told(integration)).toEqual([]);
  const { events } = await actor(workflowIds.notification(integration.id)).fetchHistory();
  const queues = (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.taskQueue?.name ?? [],
  );
  expect(new Set(queues)).toEqual(new Set([taskQueues.notices]));
}, 180_000);

test('S10 S50 a Temporal that lost everything: what was not told is told', async () => {
  receiver.refuse(true);
  const integration = await scene.connect();
  scene.provider.revokeAll();
  await die(integration, 1);
  await untilStatus(integration, 'ERROR');
  await eventually(() => expect(attemptsOf(integration)).not.toHaveLength(0), patiently);
  await scene.system.stopWorker();
  await scene.server.stop();
  scene.server.empty();
  await scene.server.start();
  receiver.refuse(false);
  await passed(integration);
  await scene.system.startWorker();
  await eventually(() => expect(told(integration)).toEqual([['integration.error', 1]]), {
    timeoutMs: 120_000,
  });
}, 240_000);

/** It is due for longer than a lost signal takes to be taken for one. */
const passed = ({ id }: IntegrationBody) =>
  scene.system.pool.query(
    "UPDATE notices SET next_attempt_at = now() - interval '1 minute' WHERE stream = $1",
    [id],
  );
