import { randomUUID } from 'node:crypto';
import { endFullness } from '../../../src/db/queries/notifications/incidents';
import { eventually } from '../../support/eventually';
import { insertDeliveries } from '../../support/scenes/rows';
import { type Body, type GatewayFixture, gatewayFixture } from '../gateway-fixture';
import { sendGithub } from './github-webhook';

/** Ten of these are the limit, with their headers. */
const bodyBytes = 9_500;
const keepLimitBytes = 100_000;

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture({
    config: { keepLimitBytes, notifyUrl: 'http://127.0.0.1:9/' },
    providers: {
      again: { webhook: { scheme: 'github', retries: true } },
      batches: { webhook: { scheme: 'none', retries: true, eventsPointer: '/events' } },
    },
  });
});
afterAll(() => gateway.close());

const connect = (provider = 'again', more: object = {}) =>
  gateway.create({ provider, credentials: undefined, ...more });

const send = (to: Body, options: { id?: string; bytes?: number } = {}) => {
  const body = JSON.stringify('x'.repeat(options.bytes ?? bodyBytes));
  return sendGithub(gateway, `/webhooks/${to.id}`, to.webhookSecret, { ...options, body });
};

const sendMany = async (to: Body, count: number) => {
  const statuses: number[] = [];
  for (let n = 0; n < count; n++) statuses.push((await send(to)).status);
  return statuses;
};

const inboxOf = async ({ id }: Body) => {
  const { body } = await gateway.call('GET', `/v1/integrations/${id}`);
  return (body as Body & { inbox: { bytes: number; discarded: number } }).inbox;
};

/** By the rows themselves. */
const stored = async ({ id }: Body) => {
  const { rows } = await gateway.pool.query<{ bytes: number; bodies: number }>(
    `SELECT coalesce(sum(octet_length(headers) + octet_length(body)), 0)::bigint AS bytes,
            count(*) FILTER (WHERE body <> '') AS bodies
     FROM deliveries WHERE integration_id = $1`,
    [id],
  );
  return rows[0] ?? { bytes: 0, bodies: 0 };
};

const noticeOf = ({ id }: Body) =>
  eventually(async () => {
    const { rows } = await gateway.pool.query<{ payload: string }>(
      'SELECT payload FROM notices WHERE integration_id = $1',
      [id],
    );
    expect(rows).toHaveLength(1);
    return JSON.parse(rows[0]?.payload ?? '') as { type: string; data: object };
  });

/** As if they were handled by a worker. */
const handleAll = ({ id }: Body) =>
  gateway.pool.query(
    `UPDATE deliveries SET state = 'handled', ended_at = now(), handled_at = now()
     WHERE integration_id = $1 AND state = 'pending'`,
    [id],
  );

test('what is stored shows at once: bodies, and the headers of each event of a batch', async () => {
  const [one, batch] = [await connect(), await connect('batches')];
  expect((await inboxOf(one)).bytes).toBe(0);
  await sendMany(one, 2);
  const headers = { 'content-type': 'application/json', 'x-long': 'h'.repeat(1_000) };
  const payload = JSON.stringify({ events: [1, 2, 3] });
  const url = `/webhooks/${batch.id}`;
  const answer = await gateway.app.inject({ method: 'POST', url, headers, payload });
  expect(answer.statusCode).toBe(202);
  for (const to of [one, batch]) {
    const { bytes } = await stored(to);
    expect(await inboxOf(to)).toMatchObject({ bytes });
  }
  expect((await inboxOf(batch)).bytes).toBeGreaterThan(3 * 1_000);
  const list = await gateway.call('GET', `/v1/integrations?userId=none`);
  expect(list.status).toBe(200);
});

test('S20 past the limit of bytes a sender that asks again is told to, one that never does is taken', async () => {
  const [again, never] = [await connect(), await connect('hooks')];
  for (const to of [again, never]) {
    expect(new Set(await sendMany(to, 11))).toEqual(new Set([202]));
  }
  expect(await send(again)).toMatchObject({
    status: 429,
    retryAfter: '60',
    body: { error: { code: 'inbox_full' } },
  });
  expect(await send(never)).toMatchObject({ status: 202, body: { outcome: 'accepted' } });
  expect(await noticeOf(again)).toMatchObject({
    type: 'integration.inbox_full',
    data: { reached: 'HOLDFAST_KEEP_LIMIT_BYTES', keepLimitBytes, keepLimit: 100_000 },
  });
});

test('S20 past twice the limit of bytes nothing is stored, nobody is refused, and repeats are known', async () => {
  const never = await connect('hooks');
  expect(new Set(await sendMany(never, 20))).toEqual(new Set([202]));
  const last = await send(never, { id: 'the-last', bytes: 60_000 });
  expect(last).toMatchObject({ status: 202, body: { outcome: 'accepted' } });
  for (let n = 0; n < 3; n++) {
    const { status, body } = await send(never);
    expect({ status, body }).toEqual({ status: 202, body: { id: null, outcome: 'discarded' } });
  }
  expect(await send(never, { id: 'the-last' })).toMatchObject({
    body: { id: last.body.id, outcome: 'duplicate' },
  });
  const { bytes, bodies } = await stored(never);
  expect(bodies).toBe(21);
  expect(await inboxOf(never)).toMatchObject({ bytes, discarded: 3 });
});

test('fullness has ended once a tenth of the bytes is free', async () => {
  const integration = await connect();
  await sendMany(integration, 12);
  await noticeOf(integration);
  const episodes = async (bytes: number) => {
    await gateway.pool.query('UPDATE stored_bytes SET bytes = $2 WHERE integration_id = $1', [
      ...[integration.id, bytes],
    ]);
    await endFullness(gateway.pool, { keepLimit: 100_000, keepLimitBytes });
    const { rowCount } = await gateway.pool.query(
      'SELECT FROM integration_episodes WHERE integration_id = $1',
      [integration.id],
    );
    return rowCount;
  };
  await inboxOf(integration);
  expect([await episodes(90_000), await episodes(89_999)]).toEqual([1, 0]);
});

test('a body larger than the whole limit goes in as long as that is not reached', async () => {
  const integration = await connect();
  expect(await send(integration, { bytes: 60_000 })).toMatchObject({ status: 202 });
  expect(await send(integration, { bytes: 60_000 })).toMatchObject({ status: 202 });
  expect(await send(integration, { bytes: 1 })).toMatchObject({ status: 429 });
});

test('S20 what ended late goes too, once there is no room without it', async () => {
  const integration = await connect();
  expect(new Set(await sendMany(integration, 11))).toEqual(new Set([202]));
  await inboxOf(integration);
  await gateway.pool.query(
    `UPDATE stored_bytes SET dropped_to = now(), counted_at = now() - interval '2 minutes'
     WHERE integration_id = $1`,
    [integration.id],
  );
  await handleAll(integration);
  await eventually(async () => expect(await send(integration)).toMatchObject({ status: 202 }));
});

test('S20 ended bodies go first: a sender is never refused for what was handled', async () => {
  const integration = await connect();
  for (let round = 0; round < 8; round++) {
    expect(new Set(await sendMany(integration, 5))).toEqual(new Set([202]));
    await handleAll(integration);
    // A round is half the limit: twice that is never reached.
    await eventually(async () =>
      expect((await stored(integration)).bytes).toBeLessThan(1.5 * keepLimitBytes),
    );
  }
  await eventually(async () => {
    await send(integration, { id: 'one-more', bytes: 1 });
    expect((await stored(integration)).bytes).toBeLessThanOrEqual(keepLimitBytes);
  });
  // Bodies may go between the two looks.
  await eventually(async () => {
    const { bytes } = await stored(integration);
    expect(await inboxOf(integration)).toMatchObject({ bytes, discarded: 0, handled: 40 });
  });
});

test('dead letters and what waits keep their bodies: once nothing else is left a sender is refused', async () => {
  const integration = await connect();
  const statuses = await sendMany(integration, 4);
  await gateway.pool.query(
    `UPDATE deliveries SET state = 'failed', ended_at = now() WHERE integration_id = $1`,
    [integration.id],
  );
  statuses.push(...(await sendMany(integration, 3)));
  await handleAll(integration);
  statuses.push(...(await sendMany(integration, 6)));
  expect(new Set(statuses)).toEqual(new Set([202]));
  await eventually(async () => {
    const { status } = await send(integration);
    expect(status).toBe(429);
  });
  const { rows } = await gateway.pool.query(
    `SELECT DISTINCT state, body = '' AS empty FROM deliveries
     WHERE integration_id = $1 ORDER BY state`,
    [integration.id],
  );
  expect(rows).toEqual([
    { state: 'failed', empty: false },
    { state: 'handled', empty: true },
    { state: 'pending', empty: false },
  ]);
});

test('S21 what a DISABLED integration discards makes room for itself', async () => {
  const integration = await connect();
  await gateway.pool.query(
    `UPDATE integrations SET status = 'DISABLED', reason_code = 'switched_off' WHERE id = $1`,
    [integration.id],
  );
  for (let n = 0; n < 40; n++) {
    const { status, body } = await send(integration);
    expect({ status, outcome: body.outcome }).toEqual({ status: 202, outcome: 'discarded' });
    if (n % 5 === 4) await inboxOf(integration);
  }
  expect((await stored(integration)).bytes).toBeLessThan(2 * keepLimitBytes + bodyBytes);
  expect(await inboxOf(integration)).toMatchObject({ discarded: 40 });
});

test('S21 past twice the limit it discards without storing, and its sender is not refused', async () => {
  const integration = await connect();
  await send(integration);
  await inboxOf(integration);
  await gateway.pool.query(
    `UPDATE integrations SET status = 'DISABLED', reason_code = 'switched_off' WHERE id = $1`,
    [integration.id],
  );
  await gateway.pool.query('UPDATE stored_bytes SET bytes = $2 WHERE integration_id = $1', [
    ...[integration.id, 2 * keepLimitBytes],
  ]);
  await eventually(async () => {
    const { status, body } = await send(integration);
    expect({ status, body }).toEqual({ status: 202, body: { id: null, outcome: 'discarded' } });
  });
});

test('of what lost its body a repeat is known, it shows without, and it is not replayed', async () => {
  const integration = await connect('hooks');
  const id = randomUUID();
  const first = await send(integration, { id });
  await handleAll(integration);
  await gateway.pool.query("UPDATE deliveries SET headers = '', body = '' WHERE id = $1", [
    first.body.id,
  ]);
  const url = `/v1/deliveries/${first.body.id}`;
  expect(await gateway.call('GET', url)).toMatchObject({
    status: 200,
    body: { state: 'handled', headers: {}, body: '' },
  });
  expect(await gateway.call('POST', `${url}/replay`)).toMatchObject({
    status: 409,
    body: { error: { code: 'delivery_expired' } },
  });
  await insertDeliveries(gateway.pool, 1, { integration_id: integration.id, state: 'handled' });
  const replay = await gateway.call('POST', `/v1/integrations/${integration.id}/replay`, {
    state: 'handled',
  });
  const done = await gateway.call('GET', `/v1/replays/${replay.body.id}`);
  expect(done.body).toMatchObject({ count: 2, done: 1, endReason: 'completed' });
  expect(await send(integration, { id })).toMatchObject({
    body: { id: first.body.id, outcome: 'duplicate' },
  });
  expect(await stored(integration)).toMatchObject({ bodies: 0 });
});
