import { signStandardWebhook } from '../../../src/webhooks/signature';
import { workflowIds } from '../../../workflows/contract/ids';
import { eventually } from '../../support/eventually';
import { insertDelivery, insertHold, sql } from '../../support/scenes/rows';
import { type Body, type GatewayFixture, gatewayFixture } from '../gateway-fixture';
import { signalsOf } from '../signals';

interface Replay extends Body {
  count: number;
  done: number;
  endReason: string | null;
}

let gateway: GatewayFixture;
let id: string;
beforeAll(async () => {
  gateway = await gatewayFixture();
});
beforeEach(async () => {
  ({ id } = await gateway.create());
});
afterAll(() => gateway.close());

let deliveries = 0;

interface Row {
  state?: 'failed' | 'handled' | 'discarded' | 'pending' | 'expired';
  received_at?: string;
}

/** As it stands after its attempts. @returns its id */
const delivery = (fields: Row = {}) =>
  insertDelivery(gateway.pool, {
    ...{ id: `dlv_${String(++deliveries).padStart(5, '0')}`, integration_id: id, claim: 'first' },
    ...{ state: 'failed', headers: '[["X","y"]]', body: Buffer.from([0x00, 0xff]) },
    ...{ attempts: 3, attempts_before: 1, error: 'HTTP 400', next_attempt_at: sql('now()') },
    ...{ waits_for_credential: 'crd_x', waits_for_version: 1 },
    handled_at: fields.state === 'handled' ? sql('now()') : null,
    ...fields,
  });

const replay = async (body?: object, headers?: object) => {
  const { status, body: answer } = await gateway.call(
    'POST',
    `/v1/integrations/${id}/replay`,
    body,
    headers,
  );
  return { status, body: answer as Replay };
};

const show = async (replayId: string) =>
  (await gateway.call('GET', `/v1/replays/${replayId}`)).body as Replay;

/** The ids that are pending, in the order in which they are handled. */
async function queue(): Promise<string[]> {
  const { rows } = await gateway.pool.query<{ id: string }>(
    `SELECT id FROM deliveries WHERE integration_id = $1 AND state = 'pending'
     ORDER BY sequence, position`,
    [id],
  );
  return rows.map((row) => row.id);
}

const rowOf = async (name: string) =>
  (await gateway.pool.query('SELECT * FROM deliveries WHERE id = $1', [name])).rows[0] as Record<
    string,
    unknown
  >;

test('S25 one delivery: at the end of the queue, as it was received, its attempts kept and the next chance counted from there', async () => {
  const receivedAt = '2026-01-01T00:00:00.000001Z';
  const [one, other] = [
    await delivery({ received_at: receivedAt }),
    await delivery({ state: 'pending' }),
  ];
  // In the same moment, which those of one statement are.
  await delivery({ received_at: receivedAt });
  const before = await rowOf(one);
  const { status, body } = await gateway.call('POST', `/v1/deliveries/${one}/replay`);
  expect(status).toBe(202);
  expect(body).toEqual({ id: expect.stringMatching(/^rpl_/) as string, count: 1 });
  expect(await queue()).toEqual([other, one]);
  const after = await rowOf(one);
  expect(after).toEqual({
    ...before,
    ...{ state: 'pending', sequence: after['sequence'], claim: body.id, attempts_before: 3 },
    ...{ next_attempt_at: null, waits_for_credential: null, waits_for_version: null },
    ...{ error: null, ended_at: null, handled_at: null, requeued_at: expect.any(Date) as Date },
  });
  const at = expect.stringMatching(/^2.*Z$/) as unknown;
  expect(await show(body.id)).toEqual({
    ...{ id: body.id, integrationId: id, deliveryId: one, state: null, from: null, to: null },
    ...{ count: 1, done: 1, createdAt: at, endedAt: at, endReason: 'completed', cancelledAt: null },
  });
});

test('S25 one that is pending stays where it is, one whose body is gone or that nobody knows is refused', async () => {
  const waiting = await delivery({ state: 'pending' });
  const before = await rowOf(waiting);
  const again = await gateway.call('POST', `/v1/deliveries/${waiting}/replay`, {});
  expect(again).toMatchObject({ status: 202, body: { count: 0 } });
  expect(await rowOf(waiting)).toEqual(before);

  const expired = await delivery({ state: 'expired' });
  const refused = await gateway.call('POST', `/v1/deliveries/${expired}/replay`);
  expect(refused).toMatchObject({ status: 409, body: { error: { code: 'delivery_expired' } } });
  for (const unknown of ['dlv_nobody', 'int_1', 'dlv_%00', `dlv_${'x'.repeat(100)}`]) {
    const answer = await gateway.call('POST', `/v1/deliveries/${unknown}/replay`);
    expect(answer).toMatchObject({ status: 404, body: { error: { code: 'delivery_not_found' } } });
  }
});

test('S25 all dead letters, in the order in which they were received, and nothing else', async () => {
  const third = await delivery({ received_at: '2026-01-03T00:00:00Z' });
  const first = await delivery({ received_at: '2026-01-01T00:00:00Z' });
  const second = await delivery({ received_at: '2026-01-02T00:00:00Z' });
  const others = [
    await delivery({ state: 'handled' }),
    await delivery({ state: 'discarded' }),
    await delivery({ state: 'expired' }),
  ];
  const { status, body } = await replay();
  expect({ status, count: body.count }).toEqual({ status: 202, count: 3 });
  expect(await queue()).toEqual([first, second, third]);
  for (const other of others) expect(await rowOf(other)).toMatchObject({ claim: 'first' });
  expect(await show(body.id)).toMatchObject({ state: 'failed', deliveryId: null, done: 3 });
});

test('S25 a time range: whatever has ended in it but the expired, its beginning in it and its end not', async () => {
  const states = ['failed', 'handled', 'discarded'] as const;
  const at = (second: string) => `2026-02-01T00:00:${second}Z`;
  await delivery({ received_at: at('09.999999') });
  const inside: string[] = [];
  for (const [index, state] of states.entries()) {
    inside.push(await delivery({ state, received_at: at(`1${index}`) }));
  }
  inside.push(await delivery({ received_at: at('19.999999') }));
  await delivery({ state: 'expired', received_at: at('15') });
  await delivery({ received_at: at('20.000001') });
  // Another offset, and finer than a Date is.
  const range = { from: '2026-02-01T02:00:10.000000+02:00', to: '2026-02-01T00:00:20.000001Z' };
  const { body } = await replay(range);
  expect(body.count).toBe(4);
  expect(await queue()).toEqual(inside);
  expect(await show(body.id)).toMatchObject({
    ...{ state: null, from: at('10.000'), to: at('20.000') },
    ...{ done: 4, endReason: 'completed' },
  });
});

test('a state and one end of a range choose together', async () => {
  await delivery({ state: 'handled', received_at: '2026-03-01T00:00:00Z' });
  const late = await delivery({ state: 'handled', received_at: '2026-03-02T00:00:00Z' });
  await delivery({ received_at: '2026-03-03T00:00:00Z' });
  const { body } = await replay({ state: 'handled', from: '2026-03-02T00:00:00Z' });
  expect(body.count).toBe(1);
  expect(await queue()).toEqual([late]);
});

test.each([
  [{ state: 'pending' }],
  [{ state: 'expired' }],
  [{ state: null }],
  [{ from: 'yesterday' }],
  [{ from: '2026-01-01' }],
  [{ to: 12 }],
  [{ to: '2026-06-30T23:59:60Z' }],
  [{ from: '0001-01-01T00:00:00Z' }],
  [{ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }],
  [{ from: '2026-01-01T01:00:00Z', to: '2026-01-01T02:00:00+01:00' }],
  [{ until: '2026-01-02T00:00:00Z' }],
  [[]],
])('S25 the selection %j is 400', async (body) => {
  await delivery();
  expect(await replay(body)).toMatchObject({
    status: 400,
    body: { error: { code: 'invalid_request' } },
  });
  expect(await queue()).toEqual([]);
});

test('a time with the widest offset there is is taken', async () => {
  await delivery({ received_at: '2026-04-01T12:00:00Z' });
  const { status, body } = await replay({
    from: '2026-04-01T12:00:00+23:59',
    to: '2026-04-01t12:00:00.5z',
  });
  expect({ status, count: body.count }).toEqual({ status: 202, count: 1 });
});

test('S25 in DISABLED nothing is replayed, in ERROR and under a hold it is put in the queue', async () => {
  const [one, two, three] = [await delivery(), await delivery(), await delivery()];
  const become = (status: string) =>
    gateway.pool.query("UPDATE integrations SET status = $2, reason_code = 'x' WHERE id = $1", [
      id,
      status,
    ]);
  await become('DISABLED');
  for (const url of [`/v1/deliveries/${one}/replay`, `/v1/integrations/${id}/replay`]) {
    const refused = await gateway.call('POST', url);
    expect(refused).toMatchObject({
      status: 409,
      body: { error: { code: 'integration_disabled' } },
    });
  }
  expect(await queue()).toEqual([]);
  expect((await gateway.call('GET', `/v1/integrations/${id}/replays`)).body.items).toEqual([]);
  await become('ERROR');
  await gateway.call('POST', `/v1/deliveries/${two}/replay`);
  await become('ENABLED');
  await insertHold(gateway.pool, {
    user_id: sql(`(SELECT user_id FROM integrations WHERE id = '${id}')`),
    reason: 'r',
  });
  expect((await replay()).body.count).toBe(2);
  expect(await queue()).toEqual([two, one, three]);
});

test('the same Idempotency-Key is the same replay', async () => {
  await delivery();
  const key = { 'idempotency-key': `replay-of-${id}` };
  const first = await replay({ state: 'failed' }, key);
  await delivery();
  expect(await replay({ state: 'failed' }, key)).toEqual(first);
  expect(await queue()).toHaveLength(1);
  const other = await replay({ state: 'handled' }, key);
  expect(other).toMatchObject({ status: 409, body: { error: { code: 'idempotency_conflict' } } });
});

test('replays are listed newest first, page by page, and go with their integration', async () => {
  const ids: string[] = [];
  for (let number = 0; number < 3; number++) ids.unshift((await replay()).body.id);
  const list = `/v1/integrations/${id}/replays`;
  const first = await gateway.call('GET', `${list}?limit=2`);
  const second = await gateway.call(
    'GET',
    `${list}?limit=2&cursor=${first.body.nextCursor ?? 'none'}`,
  );
  expect([...first.body.items, ...second.body.items].map((item) => item.id)).toEqual(ids);
  expect(second.body.nextCursor).toBeNull();

  await gateway.call('DELETE', `/v1/integrations/${id}`);
  for (const [method, url] of [
    ['GET', `/v1/replays/${ids[0] ?? ''}`],
    ['DELETE', `/v1/replays/${ids[0] ?? ''}`],
    ['GET', '/v1/replays/rpl_%00'],
    ['GET', '/v1/replays/int_1'],
  ] as const) {
    const gone = await gateway.call(method, url);
    expect(gone).toMatchObject({ status: 404, body: { error: { code: 'replay_not_found' } } });
  }
  expect(await gateway.call('GET', list)).toMatchObject({
    status: 404,
    body: { error: { code: 'integration_not_found' } },
  });

  // A deletion that was broken off.
  ({ id } = await gateway.create());
  const left = await delivery();
  await gateway.pool.query('UPDATE integrations SET deleted_at = now() WHERE id = $1', [id]);
  const lost = await gateway.call('POST', `/v1/deliveries/${left}/replay`);
  expect(lost).toMatchObject({ status: 404, body: { error: { code: 'delivery_not_found' } } });
  const none = await gateway.call('POST', `/v1/integrations/${id}/replay`);
  expect(none).toMatchObject({ status: 404, body: { error: { code: 'integration_not_found' } } });
});

test('a replay that has ended is not cancelled any more', async () => {
  await delivery();
  const { body } = await replay();
  const { status, body: answer } = await gateway.call('DELETE', `/v1/replays/${body.id}`);
  expect({ status, body: answer }).toEqual({ status: 200, body: await show(body.id) });
  expect(answer).toMatchObject({ endReason: 'completed', cancelledAt: null, done: 1 });
});

test('S23 webhooks and what a replay puts in an inbox are signalled at one pace: a process has one signaller', async () => {
  const { id: own, webhookSecret } = await gateway.create();
  id = own;
  const put: string[] = [];
  for (let time = 0; time < 5; time++) put.push(await delivery());
  const startedAt = performance.now();
  for (const one of [...put]) {
    const body = Buffer.from('{}');
    const signed = signStandardWebhook({
      id: `msg_${one}`,
      body,
      secrets: [webhookSecret],
      now: new Date(),
    });
    const headers = { 'content-type': 'application/json', ...signed };
    const url = `/webhooks/${id}`;
    const answer = await gateway.app.inject({ method: 'POST', url, payload: body, headers });
    put.push(answer.json<Body>().id);
    await gateway.call('POST', `/v1/deliveries/${one}/replay`);
  }
  const elapsedMs = performance.now() - startedAt;
  const sent = await eventually(async () => {
    const signals = await signalsOf(gateway, workflowIds.integration(id));
    const rings = signals.filter(({ name }) => name === 'webhookReceived');
    const told = rings.flatMap(({ input }) => (input as { deliveryIds: string[] }).deliveryIds);
    expect(new Set(told)).toEqual(new Set(put));
    return rings.length;
  });
  // The first at once, then one for each quarter of a second that began.
  expect(sent).toBeLessThanOrEqual(Math.floor(elapsedMs / 250) + 2);
});
