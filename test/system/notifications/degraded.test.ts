import { eventually } from '../../support/eventually';
import {
  type NoticeReceiver,
  startNoticeReceiver,
} from '../../support/doubles/notification-receiver';
import { answerJson } from '../../support/doubles/oauth-server';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import { untilQuiet } from '../../support/until-quiet';
import { failLonger, pass, reject } from '../tokens/token-rejections';

let scene: Scene;
let receiver: NoticeReceiver;
beforeAll(async () => {
  receiver = await startNoticeReceiver();
  scene = await startScene({ config: receiver.config });
}, 60_000);
afterAll(async () => {
  await scene.close();
  await receiver.close();
});
afterEach(() => scene.provider.behave(undefined));

const minute = 60_000;
const told = ({ id }: IntegrationBody, type = 'credential.degraded') =>
  receiver.notices.filter((notice) => notice.type === type && notice.data['integrationId'] === id);
const untilHealthy = ({ id }: IntegrationBody) =>
  eventually(async () => expect(await scene.show(id)).toMatchObject({ health: 'healthy' }), {
    timeoutMs: 20_000,
  });

test('S30 a credential that fails for 15 minutes is told of once for each integration, and once more the next time', async () => {
  const first = await scene.connect({ fields: { metadata: { plan: 'gold' } } });
  const id = first.credentials[0]?.id ?? '';
  const second = await scene.connect({ credentials: { main: { id } } });
  for (const time of [1, 2]) {
    scene.provider.behave((answer) => answer.writeHead(503).end());
    expect((await reject(scene, first, time)).status).toBe(503);
    await failLonger(scene, first, 14 * minute);
    await untilQuiet(scene.system.temporal.workflow.getHandle(`credential:${id}`));
    expect([told(first), told(second)].map(({ length }) => length)).toEqual([time - 1, time - 1]);
    await failLonger(scene, first, minute);
    await eventually(() =>
      expect([told(first), told(second)].map(({ length }) => length)).toEqual([time, time]),
    );
    scene.provider.behave(undefined);
    await pass(scene, first, minute / 2);
    await untilHealthy(first);
  }
  expect(told(first)[0]?.data).toMatchObject({
    ...{ status: 'ENABLED', transition: 0, reason: null, metadata: { plan: 'gold' } },
    credential: { name: 'main', code: 'http_503' },
    reconnectUrl: `http://holdfast.test/reconnect/${first.id}`,
  });
}, 60_000);

test("S29 the application's own fault is not told as a user's", async () => {
  const integration = await scene.connect();
  const id = integration.credentials[0]?.id ?? '';
  scene.provider.behave((answer) => answerJson(answer, 401, { error: 'invalid_client' }));
  expect((await reject(scene, integration, 1)).status).toBe(503);
  await failLonger(scene, integration, 30 * minute);
  const actor = scene.system.temporal.workflow.getHandle(`credential:${id}`);
  await untilQuiet(actor);
  const { rows } = await scene.system.pool.query('SELECT FROM notices WHERE integration_id = $1', [
    integration.id,
  ]);
  expect(rows).toEqual([]);
  scene.provider.behave(undefined);
  await pass(scene, integration, minute / 2);
  await untilHealthy(integration);
}, 60_000);

test('a refresh token that no key opens is a failure like another, and a reconnect mends it', async () => {
  const integration = await scene.connect();
  const [credential] = integration.credentials;
  await scene.system.pool.query(
    "UPDATE credentials SET refresh_token = set_byte(refresh_token, 30, 1) || '\\x00' WHERE id = $1",
    [credential?.id],
  );
  expect(await reject(scene, integration, 1)).toMatchObject({ status: 503 });
  expect(await scene.show(integration.id)).toMatchObject({
    ...{ status: 'ENABLED', health: 'degraded', credentials: [{ code: 'unreadable_token' }] },
  });
  const path = `/v1/integrations/${integration.id}/credentials/main`;
  await scene.system.api('PUT', path, scene.provider.grant());
  expect(await reject(scene, integration, 2)).toMatchObject({ status: 200, body: { version: 3 } });
  await untilHealthy(integration);
});

test('S30 a credential that ends within a week, whatever one does, is told of to each integration that uses it', async () => {
  const first = await scene.connect();
  const id = first.credentials[0]?.id ?? '';
  const second = await scene.connect({ credentials: { main: { id } } });
  await scene.system.pool.query(
    `UPDATE credentials SET refresh_expires_at = now() + interval '7 days 1 second',
                            refresh_end_is_fixed = true WHERE id = $1`,
    [id],
  );
  await scene.system.temporal.workflow
    .getHandle(`credential:${id}`)
    .signal('stored', { version: 1 });
  const counts = () => [first, second].map((one) => told(one, 'credential.expiring').length);
  await eventually(() => expect(counts()).toEqual([1, 1]), { timeoutMs: 20_000 });
  const { credentials } = await scene.show(first.id);
  const [{ refreshExpiresAt }] = credentials as unknown as [{ refreshExpiresAt: string }];
  expect(told(first, 'credential.expiring')[0]?.data).toMatchObject({
    ...{ status: 'ENABLED', transition: 0, reason: null },
    credential: { name: 'main', expiresAt: refreshExpiresAt },
    reconnectUrl: `http://holdfast.test/reconnect/${first.id}`,
  });
}, 60_000);
