import { randomUUID } from 'node:crypto';
import { keepRetention } from '../../../src/retention/run';
import { createLog } from '../../../src/lib/log';
import { eventually } from '../../support/eventually';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene({ config: { rateLimitPerSecond: 100_000 } });
}, 60_000);
afterAll(() => scene.close());

const counts = async ({ id }: IntegrationBody) => (await scene.show(id)).inbox;
const lines: string[] = [];
const log = createLog('info', { write: (line) => void lines.push(line) });

async function die({ id }: IntegrationBody): Promise<void> {
  scene.provider.revokeAll();
  await scene.system.api('POST', `/v1/integrations/${id}/token/reject`, { version: 1 });
  await scene.until(id, 'ERROR');
}

/** As the worker does, in less than ten minutes. */
async function expireAll(until: () => Promise<void>): Promise<void> {
  const { pool } = scene.system;
  const keeping = keepRetention({
    pool,
    retentionDays: 30,
    auditRetentionDays: 365,
    keepLimitBytes: 2 ** 30,
    log,
    everyMs: 100,
  });
  await eventually(until, { timeoutMs: 60_000 }).finally(() => keeping.stop());
}

test('S42 of 1,000 webhooks during ERROR, those past retention expire for all to see, the others are handled once each, in order', async () => {
  const integration = await scene.connect();
  await die(integration);
  const hook = randomUUID();
  for (let from = 0; from < 1_000; from += 50) {
    const part = Array.from({ length: 50 }, (_, n) =>
      scene.webhook(integration, { id: `${hook}-${from + n}`, body: `{"n":${from + n}}` }),
    );
    for (const answer of await Promise.all(part)) expect(answer.outcome).toBe('parked');
  }
  const { rows } = await scene.system.pool.query<{ id: string; key: string }>(
    'SELECT id, dedupe_key AS key FROM deliveries WHERE integration_id = $1 ORDER BY sequence, position',
    [integration.id],
  );
  const sent = rows.map(({ id }) => id);
  await scene.system.pool.query(
    "UPDATE deliveries SET received_at = received_at - interval '31 days' WHERE id = ANY ($1)",
    [sent.slice(0, 300)],
  );
  expect(await counts(integration)).toMatchObject({ pending: 1_000, expired: 0 });
  await expireAll(async () =>
    expect(await counts(integration)).toMatchObject({ pending: 700, expired: 300, handled: 0 }),
  );
  expect(lines.filter((line) => line.includes('"expired":300'))).toHaveLength(1);
  const list = await scene.system.api<{ items: { id: string; state: string }[] }>(
    ...(['GET', `/v1/integrations/${integration.id}/deliveries?state=expired&limit=100`] as const),
  );
  expect(list.body.items).toHaveLength(100);

  await scene.system.api('PUT', `/v1/integrations/${integration.id}/credentials/main`, {
    ...scene.provider.grant(),
  });
  await scene.until(integration.id, 'ENABLED');
  const left = sent.slice(300);
  await eventually(async () => expect(await counts(integration)).toMatchObject({ pending: 0 }), {
    timeoutMs: 90_000,
  });
  expect(scene.destination.received.map(({ id }) => id)).toEqual(left);
  expect(await counts(integration)).toMatchObject({ expired: 300, handled: 700, failed: 0 });

  // Sent once more, one of the expired ones is a new chance, with the body as it comes then.
  const [first] = rows;
  const again = await scene.webhook(integration, {
    id: `${hook}-${numberOf(first?.key)}`,
    body: '{"again":true}',
  });
  expect(again).toMatchObject({ id: first?.id, outcome: 'accepted' });
  await eventually(async () =>
    expect(await counts(integration)).toMatchObject({ pending: 0, expired: 299, handled: 701 }),
  );
  expect(scene.destination.received.at(-1)?.body.toString()).toBe('{"again":true}');
}, 240_000);

const numberOf = (key: string | undefined) => key?.slice(key.lastIndexOf('-') + 1) ?? '';

test('what was sent again after it had expired is kept from then on', async () => {
  const integration = await scene.connect();
  const other = await scene.connect();
  await die(integration);
  await die(other);
  const [first, second] = [randomUUID(), randomUUID()];
  const backdate = (id: string) =>
    scene.system.pool.query(
      "UPDATE deliveries SET received_at = received_at - interval '31 days' WHERE dedupe_key = $1",
      [id],
    );
  await scene.webhook(integration, { id: first });
  await backdate(first);
  await expireAll(async () => expect(await counts(integration)).toMatchObject({ expired: 1 }));
  const again = await scene.webhook(integration, { id: first });
  expect(again.outcome).toBe('parked');
  // Another one's shows that there was a look meanwhile.
  await scene.webhook(other, { id: second });
  await backdate(second);
  await expireAll(async () => expect(await counts(other)).toMatchObject({ expired: 1 }));
  expect(await counts(integration)).toMatchObject({ pending: 1, expired: 0 });
}, 120_000);
