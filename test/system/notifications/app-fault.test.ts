import { eventually } from '../../support/eventually';
import {
  type NoticeReceiver,
  startNoticeReceiver,
} from '../../support/doubles/notification-receiver';
import type { Scene } from '../../support/scenes/scene';
import {
  credentialOf,
  reconnect,
  reject,
  startPeopleScene,
  untilCredential,
} from '../people/people';

let scene: Scene;
let receiver: NoticeReceiver;
beforeAll(async () => {
  receiver = await startNoticeReceiver();
  scene = await startPeopleScene({ config: receiver.config });
}, 60_000);
afterAll(async () => {
  await scene.close();
  await receiver.close();
});

const alerts = () => receiver.notices.filter(({ type }) => type === 'app.fault');

/** As after hours of it: each waits for as long as any does. */
const waitLong = () =>
  scene.system.pool.query(
    `UPDATE credentials SET failures = 12, retry_at = now() + interval '20 minutes'
     WHERE state = 'degraded'`,
  );

async function manyRefused() {
  const integrations = [];
  for (let count = 0; count < 5; count += 1) integrations.push(await scene.connect());
  for (const integration of integrations) expect(await reject(scene, integration)).toBe(503);
  await waitLong();
  return integrations;
}

const faults = async () =>
  (await scene.system.pool.query('SELECT FROM app_faults WHERE taken_at IS NULL')).rowCount;

/** The provider has taken the application for so long that the fault has ended. */
const pass = () =>
  scene.system.pool.query(
    `UPDATE app_faults SET taken_at = taken_at - interval '1 hour',
            hastened_at = hastened_at - interval '1 hour'`,
  );

test('S29 a wrong secret alerts once for many credentials; once it is corrected all recover by themselves', async () => {
  scene.provider.requireSecret('the-rotated-secret');
  const integrations = await manyRefused();
  await eventually(() => expect(alerts()).toHaveLength(1), { timeoutMs: 30_000 });
  const [alert] = alerts();
  expect(alert?.data).toEqual({
    ...{ integrationId: null, userId: null, name: null, provider: 'acme', metadata: null },
    ...{ status: null, transition: null, reconnectUrl: null },
    reason: {
      ...{ code: 'invalid_client', credential: null, by: 'system', since: alert?.timestamp },
      message: expect.stringContaining('check its client id and secret') as string,
    },
  });
  for (const { id } of integrations) {
    expect(await scene.show(id)).toMatchObject({
      ...{ status: 'ENABLED', health: 'degraded', transition: 0 },
    });
  }
  // The sweep doesn't come by: it is the worker's start that finds out.
  await scene.system.stopWorker();
  const { oauth } = scene.provider.declaration;
  if (oauth !== undefined) oauth.clientSecret = 'the-rotated-secret';
  await scene.system.startWorker();
  for (const integration of integrations) {
    await untilCredential(scene, integration, { state: 'alive', version: 2 });
    expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', transition: 0 });
  }
  expect(alerts()).toHaveLength(1);
  expect(await faults()).toBe(0);
}, 120_000);

test('S29 a person who connects proves that the secret is right: the others are tried soon', async () => {
  await pass();
  scene.provider.requireSecret('another-secret');
  const integrations = await manyRefused();
  const [first] = integrations;
  if (first === undefined) throw new Error('there is none');
  const refused = await reconnect(scene, first);
  expect(refused.status).toBe(502);
  expect(refused.text).toContain('not your fault');
  await eventually(() => expect(alerts()).toHaveLength(2), { timeoutMs: 30_000 });
  expect(credentialOf(await scene.show(first.id))).toMatchObject({ version: 1 });

  scene.provider.requireSecret('the-rotated-secret');
  expect((await reconnect(scene, first)).status).toBe(200);
  for (const integration of integrations) {
    await untilCredential(scene, integration, { state: 'alive', version: 2 });
  }
  expect(await faults()).toBe(0);
  expect(alerts()).toHaveLength(2);
}, 120_000);

test('S29 a fault whose end can not be noted just now costs nobody a connection', async () => {
  const integration = await scene.connect();
  const { pool } = scene.system;
  await pool.query('UPDATE app_faults SET taken_at = NULL');
  await pool.query(`
    CREATE FUNCTION not_now() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END $$;
    CREATE TRIGGER not_now BEFORE UPDATE ON app_faults FOR EACH ROW EXECUTE FUNCTION not_now()`);
  expect((await reconnect(scene, integration)).status).toBe(200);
  expect(credentialOf(await scene.show(integration.id))).toMatchObject({ version: 2 });
  await pool.query('DROP FUNCTION not_now CASCADE');
}, 60_000);
