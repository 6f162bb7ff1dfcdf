import { insertDelivery, insertRejection } from '../../support/scenes/rows';
import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';

let gateway: GatewayFixture;
let id: string;
beforeAll(async () => {
  gateway = await gatewayFixture();
  ({ id } = await gateway.create());
});
afterAll(() => gateway.close());

/** As the inbox writes them: bytes that are no text, a header that came twice. */
const insert = (fields: { id: string; integration_id?: string; state?: 'failed' }) =>
  insertDelivery(gateway.pool, {
    ...{ integration_id: id, dedupe_key: 'key', event_type: 'contact.created' },
    headers: '[["Content-Type","application/json"],["X-Two","a"],["x-two","b"]]',
    body: Buffer.from([0x00, 0xff, 0x80]),
    ...{ attempts: 2, error: 'HTTP 503', received_at: '2026-01-01T00:00:00.000001Z' },
    ...fields,
  });

test('a delivery is shown with its bytes, its headers and every attempt', async () => {
  const other = await gateway.create();
  await insert({ id: 'dlv_whole', integration_id: other.id });
  await gateway.pool.query(
    `INSERT INTO delivery_attempts (delivery_id, number, duration_ms, status, error, answer) VALUES
       ('dlv_whole', 2, 7, NULL, 'connection refused', NULL), ('dlv_whole', 1, 12, 503, 'HTTP 503', 'busy')`,
  );
  const { status, body } = await gateway.call('GET', '/v1/deliveries/dlv_whole');
  expect(status).toBe(200);
  const at = expect.stringMatching(/^2.*Z$/) as unknown;
  expect(body).toEqual({
    ...{ id: 'dlv_whole', integrationId: other.id, state: 'pending', outcome: 'accepted' },
    ...{ eventType: 'contact.created', dedupeKey: 'key', receivedAt: '2026-01-01T00:00:00.000Z' },
    ...{ handledAt: null, nextAttemptAt: null, error: 'HTTP 503' },
    headers: { 'content-type': 'application/json', 'x-two': 'a, b' },
    body: Buffer.from([0x00, 0xff, 0x80]).toString('base64'),
    attempts: [
      { number: 1, at, durationMs: 12, status: 503, error: 'HTTP 503', answer: 'busy' },
      { number: 2, at, durationMs: 7, status: null, error: 'connection refused', answer: null },
    ],
  });

  const list = await gateway.call('GET', `/v1/integrations/${other.id}/deliveries`);
  const listed: Record<string, unknown> = { ...body, attempts: 2 };
  delete listed['headers'];
  delete listed['body'];
  expect(list.body).toEqual({ items: [listed], nextCursor: null });

  await gateway.call('DELETE', `/v1/integrations/${other.id}`);
  const gone = await gateway.call('GET', '/v1/deliveries/dlv_whole');
  expect(gone).toMatchObject({ status: 404, body: { error: { code: 'delivery_not_found' } } });
});

test('deliveries are listed newest first, by state, page by page, and the inbox counts them', async () => {
  for (let number = 1; number <= 5; number++) await insert({ id: `dlv_p${number}` });
  for (let number = 1; number <= 3; number++) {
    await insert({ id: `dlv_f${number}`, state: 'failed' });
  }
  const url = `/v1/integrations/${id}/deliveries`;
  const ids: string[] = [];
  let query = '?limit=3';
  for (let page = 0; page < 3; page++) {
    const { body } = await gateway.call('GET', url + query);
    ids.push(...body.items.map((item) => item.id));
    query = `?limit=3&cursor=${body.nextCursor ?? 'none'}`;
  }
  const expected = ['p5', 'p4', 'p3', 'p2', 'p1', 'f3', 'f2', 'f1'].map((name) => `dlv_${name}`);
  expect(ids).toEqual(expected);
  const failed = await gateway.call('GET', `${url}?state=failed&limit=2`);
  expect(failed.body.items.map((item) => item.id)).toEqual(['dlv_f3', 'dlv_f2']);
  const rest = await gateway.call(
    'GET',
    `${url}?state=failed&limit=2&cursor=${failed.body.nextCursor ?? ''}`,
  );
  expect(rest.body).toMatchObject({ items: [{ id: 'dlv_f1' }], nextCursor: null });

  expect((await gateway.call('GET', `/v1/integrations/${id}`)).body).toMatchObject({
    inbox: {
      ...{ pending: 5, failed: 3, handled: 0, discarded: 0, expired: 0 },
      oldestPendingAt: '2026-01-01T00:00:00.000Z',
    },
  });
});

test('transitions and rejections are listed newest first, page by page', async () => {
  await gateway.pool.query(
    `INSERT INTO transitions (integration_id, number, from_status, to_status, code, reason, by)
     SELECT $1, n, 'ENABLED', 'DISABLED', 'switched_off', 'because', 'ops' FROM generate_series(1, 11) n`,
    [id],
  );
  for (let size = 1; size <= 12; size++) {
    const rejection = { source_address: '192.0.2.1', size_bytes: size, at: '2026-01-01' };
    await insertRejection(gateway.pool, { integration_id: id, ...rejection });
  }
  for (const [list, field] of [
    ['transitions', 'number'],
    ['rejections', 'sizeBytes'],
  ]) {
    const seen: unknown[] = [];
    let query = '?limit=5';
    for (let page = 0; page < 3; page++) {
      const { body } = await gateway.call('GET', `/v1/integrations/${id}/${list ?? ''}${query}`);
      seen.push(
        ...body.items.map((item) => (item as unknown as Record<string, unknown>)[field ?? '']),
      );
      query = `?limit=5&cursor=${body.nextCursor ?? 'none'}`;
    }
    const first = list === 'transitions' ? 0 : 1;
    expect(seen).toEqual(Array.from({ length: 12 }, (_, index) => first + 11 - index));
  }
  const { body } = await gateway.call('GET', `/v1/integrations/${id}/rejections?limit=1`);
  const at = '2026-01-01T00:00:00.000Z';
  expect(body.items).toEqual([
    {
      ...{ at, reason: 'wrong_signature', sourceAddress: '192.0.2.1', sizeBytes: 12 },
      ...{ count: 1, firstAt: at, lastAt: at },
    },
  ]);
});
