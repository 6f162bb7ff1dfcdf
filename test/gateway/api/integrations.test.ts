import { insertDeliveries, insertHold, insertIntegrations } from '../../support/scenes/rows';
import { type Body, type GatewayFixture, gatewayFixture } from '../gateway-fixture';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture();
});
afterAll(() => gateway.close());

async function allPages(url: string): Promise<{ ids: string[]; pages: number }> {
  const ids: string[] = [];
  let cursor: string | null = '';
  let pages = 0;
  while (cursor !== null) {
    const next: string = cursor === '' ? url : `${url}&cursor=${cursor}`;
    const { body, status } = await gateway.call('GET', next);
    expect(status).toBe(200);
    ids.push(...body.items.map((item) => item.id));
    cursor = body.nextCursor;
    pages++;
  }
  return { ids, pages };
}

test('a list goes on after its cursor, newest first, and two made in the same microsecond are both in it', async () => {
  const made: Body[] = [];
  for (let number = 0; number < 7; number++) {
    made.push(await gateway.create({ userId: 'lister', name: `n${number}` }));
  }
  await gateway.pool.query(
    `UPDATE integrations SET created_at = timestamptz '2026-01-01T00:00:00.123456Z' WHERE name <> 'n6'`,
  );
  const { ids, pages } = await allPages('/v1/integrations?userId=lister&limit=2');
  expect(pages).toBe(4);
  expect(ids).toEqual(made.map(({ id }) => id).reverse());
  const exact = await allPages('/v1/integrations?userId=lister&limit=7');
  expect(exact).toEqual({ ids, pages: 1 });
});

test('a list takes filters, and shows the same as a single integration', async () => {
  const hooks = { userId: 'filters', provider: 'hooks', credentials: undefined };
  const alive = await gateway.create({ ...hooks, name: 'alive' });
  const dead = await gateway.create({
    ...{ userId: 'filters', name: 'dead', credentials: undefined },
  });
  const list = async (query: string) =>
    (await gateway.call('GET', `/v1/integrations?userId=filters&${query}`)).body.items;
  expect((await list('status=ERROR')).map(({ id }) => id)).toEqual([dead.id]);
  expect((await list('status=ENABLED')).map(({ id }) => id)).toEqual([alive.id]);
  expect((await list('status=DISABLED')).map(({ id }) => id)).toEqual([]);
  expect((await list('provider=hooks')).map(({ id }) => id)).toEqual([alive.id]);
  const [shown] = await list('provider=hooks');
  expect(shown).toEqual((await gateway.call('GET', `/v1/integrations/${alive.id}`)).body);
});

test('a user may have more than the default page holds', async () => {
  await insertIntegrations(gateway.pool, 51, { user_id: 'many', provider: 'hooks' });
  const { body } = await gateway.call('GET', '/v1/integrations?userId=many');
  expect(body.items).toHaveLength(50);
  expect(body.nextCursor).not.toBeNull();
});

test('health follows the worst credential, and a hold shows the operator before the user', async () => {
  const { id, credentials } = await gateway.create({ userId: 'holder' });
  const shown = async () => (await gateway.call('GET', `/v1/integrations/${id}`)).body;
  await gateway.pool.query(
    "UPDATE credentials SET state = 'degraded', code = 'timeout' WHERE id = $1",
    [credentials[0]?.id],
  );
  expect(await shown()).toMatchObject({ status: 'ENABLED', health: 'degraded', hold: null });
  await insertHold(gateway.pool, { user_id: 'holder', reason: 'on holiday' });
  await insertHold(gateway.pool, { user_id: 'somebody-else', by: 'operator', reason: 'no' });
  expect(await shown()).toMatchObject({ hold: { by: 'user', reason: 'on holiday' } });
  await insertHold(gateway.pool, { reason: 'maintenance' });
  expect(await shown()).toMatchObject({ hold: { by: 'operator', reason: 'maintenance' } });
  await gateway.pool.query('DELETE FROM holds');
});

test('a destination that fails shows beside the health, until deliveries go elsewhere', async () => {
  const destination = { url: 'https://a.example/x' };
  const { id } = await gateway.create({ userId: 'fails', handler: 'forward', destination });
  const ok = { state: 'ok', since: null, error: null, nextAttemptAt: null };
  const url = `/v1/integrations/${id}`;
  const shown = async () => (await gateway.call('GET', url)).body;
  expect(await shown()).toMatchObject({ health: 'healthy', deliveryHealth: ok });
  await gateway.pool.query(
    `INSERT INTO failing_destinations (integration_id, origin, since, error, next_attempt_at)
     VALUES ($1, 'https://a.example', '2026-01-02T03:04:05Z', 'The destination answered 500',
             '2026-01-02T04:05:06Z')`,
    [id],
  );
  const failing = {
    ...{ state: 'failing', since: '2026-01-02T03:04:05.000Z' },
    ...{ error: 'The destination answered 500', nextAttemptAt: '2026-01-02T04:05:06.000Z' },
  };
  expect(await shown()).toMatchObject({ health: 'healthy', deliveryHealth: failing });
  const list = await gateway.call('GET', '/v1/integrations?userId=fails');
  expect(list.body.items).toMatchObject([{ deliveryHealth: failing }]);
  await insertHold(gateway.pool, { user_id: 'fails', reason: 'on holiday' });
  expect(await shown()).toMatchObject({ deliveryHealth: { ...failing, nextAttemptAt: null } });
  await gateway.pool.query('DELETE FROM holds');
  await gateway.call('PATCH', url, { destination: { url: 'https://a.example/other' } });
  expect(await shown()).toMatchObject({ deliveryHealth: failing });
  await gateway.call('PATCH', url, { destination: { url: 'https://b.example/x' } });
  expect(await shown()).toMatchObject({ deliveryHealth: ok });
});

test('handling is strict by default, shown, and changed setting by setting', async () => {
  const handling = async (id: string): Promise<unknown> => {
    const { body } = await gateway.call('GET', `/v1/integrations/${id}`);
    return (body as Body & { handling: unknown }).handling;
  };
  const usual = { order: 'strict', concurrency: 5, maxAttempts: 8, giveUpAfterSeconds: 3600 };
  expect(await handling((await gateway.create({})).id)).toEqual(usual);
  const { id } = await gateway.create({ handling: { order: 'none', concurrency: 20 } });
  expect(await handling(id)).toEqual({ ...usual, order: 'none', concurrency: 20 });
  const url = `/v1/integrations/${id}`;
  const change = { handling: { maxAttempts: 1, giveUpAfterSeconds: 0 } };
  const changed = { order: 'none', concurrency: 20, maxAttempts: 1, giveUpAfterSeconds: 0 };
  expect((await gateway.call('PATCH', url, change)).body).toMatchObject({ handling: changed });
  expect((await gateway.call('PATCH', url, { handling: {} })).status).toBe(200);
  expect((await gateway.call('PATCH', url, { whenError: 'discard' })).status).toBe(200);
  expect(await handling(id)).toEqual(changed);
  const refused = await gateway.call('PATCH', url, { handling: { concurrency: 2.5 } });
  expect(refused).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  expect(await handling(id)).toEqual(changed);
});

test('a change touches what it names and nothing else', async () => {
  const { id } = await gateway.create({ metadata: { plan: 'free' } });
  const url = `/v1/integrations/${id}`;
  const { body: before } = await gateway.call('GET', url);
  const changed = await gateway.call('PATCH', url, { whenDisabled: 'keep' });
  expect(changed).toMatchObject({ status: 200, body: { ...before, whenDisabled: 'keep' } });
  expect((await gateway.call('PATCH', url, {})).body).toEqual(changed.body);
  const cleared = await gateway.call('PATCH', url, { metadata: null, whenError: 'discard' });
  expect(cleared.body).toEqual({ ...changed.body, metadata: null, whenError: 'discard' });
  expect((await gateway.call('GET', url)).body).toEqual(cleared.body);
});

test('whether a forward waits for a token is shown as it is in effect, and changed', async () => {
  const shown = async (id: string): Promise<unknown> => {
    const { body } = await gateway.call('GET', `/v1/integrations/${id}`);
    return (body as Body & { whenTokenUnavailable: unknown }).whenTokenUnavailable;
  };
  const withoutCredential = { provider: 'hooks', credentials: undefined };
  expect(await shown((await gateway.create(withoutCredential)).id)).toBeNull();
  expect(await shown((await gateway.create({})).id)).toBe('wait');
  const { id } = await gateway.create({ whenTokenUnavailable: 'send' });
  expect(await shown(id)).toBe('send');
  const url = `/v1/integrations/${id}`;
  expect((await gateway.call('PATCH', url, { whenTokenUnavailable: 'wait' })).status).toBe(200);
  expect((await gateway.call('PATCH', url, { metadata: null })).status).toBe(200);
  expect(await shown(id)).toBe('wait');
});

test('forwarding can be taken up later: its first destination comes with a secret, shown once', async () => {
  const { id } = await gateway.create();
  const url = `/v1/integrations/${id}`;
  const refused = await gateway.call('PATCH', url, { handler: 'forward' });
  expect(refused).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  const misspelt = await gateway.call('PATCH', url, { handler: 'snyc' });
  expect([misspelt.status, misspelt.body]).toMatchObject([
    400,
    {
      error: {
        message: expect.stringMatching(
          /^body\.handler: .* \(Did you mean "sync"\?\)\.$/,
        ) as unknown,
      },
    },
  ]);
  const destination = { url: 'https://a.example/x' };
  const first = await gateway.call('PATCH', url, { handler: 'forward', destination });
  expect(first.body.destination).toEqual({
    ...destination,
    secret: expect.stringMatching(/^whsec_/) as unknown,
  });
  const second = await gateway.call('PATCH', url, { destination: { url: 'https://b.example/x' } });
  expect(second.body.destination).toEqual({ url: 'https://b.example/x' });
  const without = await gateway.call('PATCH', url, { destination: null });
  expect(without.status).toBe(400);
  expect((await gateway.call('PATCH', url, { handler: 'sync', destination: null })).status).toBe(
    200,
  );
});

test('a deletion leaves nothing in Postgres but the credential that another integration uses', async () => {
  const first = await gateway.create({
    userId: 'leaver',
    name: 'first',
    destination: { url: 'http://x' },
  });
  const main = { id: first.credentials[0]?.id };
  const second = await gateway.create({ userId: 'leaver', name: 'second', credentials: { main } });
  await insertDeliveries(gateway.pool, 2500, { integration_id: first.id });
  const remains = async () => {
    const counts = [
      'integration_credentials',
      'integration_secrets',
      'deliveries',
      'transitions',
    ].map((table) => `(SELECT count(*) FROM ${table} WHERE integration_id = $1) AS ${table}`);
    const { rows } = await gateway.pool.query(
      `SELECT ${counts.join(', ')}, (SELECT count(*) FROM credentials WHERE id = $2) AS credentials`,
      [first.id, main.id],
    );
    return rows[0] as unknown;
  };
  expect(await remains()).toMatchObject({ deliveries: 2500, transitions: 1 });
  const none = {
    integration_credentials: 0,
    integration_secrets: 0,
    deliveries: 0,
    transitions: 0,
  };

  expect((await gateway.call('DELETE', `/v1/integrations/${first.id}`)).status).toBe(204);
  expect(await remains()).toEqual({ ...none, credentials: 1 });
  expect((await gateway.call('GET', `/v1/integrations/${first.id}`)).status).toBe(404);
  expect((await gateway.call('DELETE', `/v1/integrations/${first.id}`)).status).toBe(404);

  expect((await gateway.call('DELETE', `/v1/integrations/${second.id}`)).status).toBe(204);
  expect(await remains()).toEqual({ ...none, credentials: 0 });
  // The name is free again.
  await gateway.create({ userId: 'leaver', name: 'first' });
});

test('a deletion that was broken off is invisible, and is finished by asking again', async () => {
  const { id } = await gateway.create({ userId: 'halfway' });
  await gateway.pool.query('UPDATE integrations SET deleted_at = now() WHERE id = $1', [id]);
  for (const path of ['', '/deliveries', '/transitions', '/webhook-secrets']) {
    expect((await gateway.call('GET', `/v1/integrations/${id}${path}`)).status).toBe(404);
  }
  expect((await gateway.call('PATCH', `/v1/integrations/${id}`, {})).status).toBe(404);
  expect((await gateway.call('DELETE', `/v1/integrations/${id}`)).status).toBe(204);
  expect(
    (await gateway.pool.query('SELECT 1 FROM integrations WHERE id = $1', [id])).rowCount,
  ).toBe(0);
});
