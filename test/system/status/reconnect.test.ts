import { eventually } from '../../support/eventually';
import type { IntegrationBody, Scene } from '../../support/scenes/scene';
import { reconnect, reject, startPeopleScene, untilCredential } from '../people/people';

let scene: Scene;
beforeAll(async () => {
  scene = await startPeopleScene();
}, 60_000);
afterAll(() => scene.close());
afterEach(() => scene.destination.answer((_request, answer) => void answer.writeHead(204).end()));

async function die(integration: IntegrationBody) {
  scene.provider.revokeAll();
  expect(await reject(scene, integration)).toBe(424);
  return scene.until(integration.id, 'ERROR');
}

const sendAll = async (integration: IntegrationBody, count: number) => {
  const ids = [];
  for (let sent = 0; sent < count; sent += 1) ids.push((await scene.webhook(integration)).id);
  return ids;
};

const receivedBy = ({ id }: IntegrationBody) =>
  scene.destination.received.filter(({ headers }) => headers['holdfast-integration'] === id);

const idsReceivedBy = (integration: IntegrationBody) => receivedBy(integration).map(({ id }) => id);

/** Every time that is written down about an integration lies so much further back. */
async function letPass(interval: string, { id }: IntegrationBody) {
  const { pool } = scene.system;
  const { rows } = await pool.query<{ table: string; columns: string[] }>(
    `SELECT table_name AS table, array_agg(column_name::text) AS columns
       FROM information_schema.columns
      WHERE table_schema = 'public' AND data_type = 'timestamp with time zone'
        AND table_name IN ('integrations', 'credentials', 'transitions', 'deliveries', 'sessions')
      GROUP BY 1`,
  );
  expect(rows).toHaveLength(5);
  const whose = {
    integrations: 'id = $1',
    credentials:
      'id IN (SELECT credential_id FROM integration_credentials WHERE integration_id = $1)',
  } as Record<string, string>;
  for (const { table, columns } of rows) {
    const older = columns.map((column) => `${column} = ${column} - interval '${interval}'`);
    const which = whose[table] ?? 'integration_id = $1';
    await pool.query(`UPDATE ${table} SET ${older.join(', ')} WHERE ${which}`, [id]);
  }
}

test.each(['10 minutes', '1 hour', '1 day'])(
  'S41 S42 %s after a revocation the reconnect works at once, without a restart, and what was kept is handled in order',
  async (interval) => {
    const integration = await scene.connect();
    await die(integration);
    const sent = await sendAll(integration, 5);
    const calls = scene.provider.tokenCalls();
    await letPass(interval, integration);
    expect(idsReceivedBy(integration)).toEqual([]);

    const end = await reconnect(scene, integration);
    expect(end.status).toBe(200);
    expect(end.text).toContain('Acme is connected');
    expect(await scene.until(integration.id, 'ENABLED')).toMatchObject({ transition: 2 });
    await eventually(() => expect(idsReceivedBy(integration)).toEqual(sent), {
      timeoutMs: 20_000,
    });
    // The code's exchange, and nothing for as long as it was dead.
    expect(scene.provider.tokenCalls()).toBe(calls + 1);
    expect(await reject(scene, integration)).toBe(200);
    await untilCredential(scene, integration, { state: 'alive', version: 3 });
  },
  60_000,
);

test('S45 a second death during the drain of the first: ERROR again, and the next reconnect finishes in order', async () => {
  const integration = await scene.connect();
  await die(integration);
  const sent = await sendAll(integration, 6);
  scene.destination.answer((request, answer) => {
    const third = request.id === sent[2] && request.headers['holdfast-credential-version'] === '2';
    if (third) scene.provider.revokeAll();
    answer.writeHead(third ? 424 : 204).end();
  });
  expect((await reconnect(scene, integration)).status).toBe(200);
  await eventually(
    async () =>
      expect(await scene.show(integration.id)).toMatchObject({
        ...{ status: 'ERROR', transition: 3, reason: { code: 'invalid_grant' } },
        inbox: { pending: 4, handled: 2, failed: 0 },
      }),
    { timeoutMs: 30_000 },
  );
  const late = await sendAll(integration, 1);
  expect((await reconnect(scene, integration)).status).toBe(200);
  await eventually(
    async () =>
      expect((await scene.show(integration.id)).inbox).toMatchObject({ pending: 0, handled: 7 }),
    { timeoutMs: 30_000 },
  );
  expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', transition: 4 });
  expect(idsReceivedBy(integration)).toEqual([...sent.slice(0, 3), ...sent.slice(2), ...late]);
}, 90_000);

test('S44 another account changes nothing: still ERROR, and the right one mends it', async () => {
  const grant = scene.provider.grant();
  const integration = await scene.connect({
    credentials: { main: { ...grant, accountId: 'account-1' } },
  });
  await die(integration);
  scene.provider.signedInAs('account-2');
  const end = await reconnect(scene, integration);
  expect(end.status).toBe(409);
  expect(end.text).toMatch(/account-1[^]*account-2/);
  expect(await scene.show(integration.id)).toMatchObject({ status: 'ERROR', transition: 1 });
  scene.provider.signedInAs('account-1');
  expect((await reconnect(scene, integration)).status).toBe(200);
  await scene.until(integration.id, 'ENABLED');
}, 60_000);
