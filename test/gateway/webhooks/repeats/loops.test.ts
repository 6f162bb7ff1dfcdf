import { createInstallation } from '../../../../src/gateway/webhooks/repeats/loops';
import { createPool } from '../../../../src/db/pool';
import { createLog } from '../../../../src/lib/log';
import { eventually } from '../../../support/eventually';
import { type Body, type GatewayFixture, gatewayFixture } from '../../gateway-fixture';

let gateway: GatewayFixture;
let integration: Body;
let own: string;
beforeAll(async () => {
  gateway = await gatewayFixture({ providers: { bare: { webhook: { scheme: 'none' } } } });
  integration = await gateway.create({ provider: 'bare', credentials: undefined });
  own = (await createInstallation(gateway.pool).id()) ?? '';
});
afterAll(() => gateway.close());

async function send(via: string | string[], url = `/webhooks/${integration.id}`, from = '8.8.8.8') {
  const answer = await gateway.app.inject({
    ...{ method: 'POST', url, payload: '{}', remoteAddress: from },
    headers: { 'Holdfast-Via': via },
  });
  return { status: answer.statusCode, body: JSON.parse(answer.body) as Body };
}

const loop = { status: 508, body: { error: { code: 'loop_detected' } } };

test('what this installation has forwarded is refused, recorded, and never stored', async () => {
  expect(own).toMatch(/^[0-9a-f]{32}$/);
  expect(await send(own)).toMatchObject(loop);
  expect(await send(`another, ${own} , third`)).toMatchObject(loop);
  expect(await send(['another', own])).toMatchObject(loop);
  const { rowCount } = await gateway.pool.query('SELECT FROM deliveries');
  expect(rowCount).toBe(0);
  await eventually(async () => {
    const url = `/v1/integrations/${integration.id}/rejections`;
    const { items } = (await gateway.call('GET', url)).body;
    expect(items[0]).toMatchObject({ reason: 'loop_detected' });
  });
});

test('at the application’s address too', async () => {
  expect(await send(own, '/webhooks/apps/bare')).toMatchObject(loop);
});

test('what came through other installations is taken, and says so', async () => {
  const taken = await send(`another, ${own}x`);
  expect(taken).toMatchObject({ status: 202, body: { outcome: 'accepted' } });
  const { body } = await gateway.call('GET', `/v1/deliveries/${taken.body.id}`);
  expect(body).toMatchObject({ headers: { 'holdfast-via': `another, ${own}x` } });
});

test('whoever makes up such a header proves nothing: a flood of it is answered 429', async () => {
  const answers = await Promise.all(
    Array.from({ length: 250 }, () => send(own, undefined, '9.9.9.9')),
  );
  expect(answers.map(({ status }) => status)).toContain(429);
});

test('while Postgres is away nothing is said to be a loop; it is read again then', async () => {
  const away = createPool('postgres://nobody@127.0.0.1:9/none', createLog('silent'));
  const installation = createInstallation(away);
  expect(await installation.id()).toBeNull();
  expect(await installation.id()).toBeNull();
  await away.end();
});
