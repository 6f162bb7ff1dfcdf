import { insertDelivery } from '../../../support/scenes/rows';
import { type GatewayFixture, gatewayFixture } from '../../gateway-fixture';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture();
});
afterAll(() => gateway.close());

let number = 0;
const key = (value: string) => ({ 'idempotency-key': value });
const body = (change: object = {}) => ({
  ...{ userId: `user-${++number}`, name: 'contacts', provider: 'hooks', handler: 'sync' },
  ...change,
});

const post = (payload: unknown, name: string) =>
  gateway.call('POST', '/v1/integrations', payload, key(name));

test('the same request under the same key gets the same answer, secrets included, and is done once', async () => {
  const request = body();
  const first = await post(request, 'same');
  expect(first.status).toBe(201);
  const second = await post(request, 'same');
  expect(second).toMatchObject({ status: 201, body: first.body });
  expect(second.headers['content-type']).toBe(first.headers['content-type']);
  const without = await gateway.call('POST', '/v1/integrations', request);
  expect(without.body.error.code).toBe('name_taken');
});

test('the kept answer is sealed: its secret is nowhere in the table', async () => {
  const { body: created } = await post(body(), 'sealed');
  const { rows } = await gateway.pool.query<{ answer: Buffer }>(
    'SELECT answer FROM idempotency_keys',
  );
  for (const { answer } of rows) expect(answer.toString('latin1')).not.toContain('whsec_');
  expect(created.webhookSecret).toMatch(/^whsec_/);
});

test('another request under the same key is refused: another body, another address', async () => {
  const { body: created } = await post(body(), 'taken');
  expect((await post(body(), 'taken')).body.error.code).toBe('idempotency_conflict');
  const url = `/v1/integrations/${created.id}/webhook-secrets`;
  const other = await gateway.call('POST', url, undefined, key('taken'));
  expect(other).toMatchObject({ status: 409, body: { error: { code: 'idempotency_conflict' } } });
});

test('of many at the same moment one is done; the others are told to come back, or get its answer', async () => {
  const request = body();
  const answers = await Promise.all(Array.from({ length: 8 }, () => post(request, 'race')));
  const created = answers.filter(({ status }) => status === 201);
  expect(created.length).toBeGreaterThanOrEqual(1);
  expect(new Set(created.map((answer) => answer.body.id)).size).toBe(1);
  for (const { status, body: refused, headers } of answers) {
    if (status === 201) continue;
    expect([status, refused.error.code]).toEqual([409, 'idempotency_conflict']);
    expect(headers['retry-after']).toBe('1');
  }
  expect((await post(request, 'race')).body.id).toBe(created[0]?.body.id);
});

test('a refusal is kept as well; bad input takes no key', async () => {
  const taken = body();
  await gateway.call('POST', '/v1/integrations', taken);
  expect((await post(taken, 'refused')).body.error.code).toBe('name_taken');
  await gateway.pool.query('DELETE FROM integrations WHERE user_id = $1', [taken.userId]);
  expect((await post(taken, 'refused')).body.error.code).toBe('name_taken');

  expect((await post(body({ name: '' }), 'corrected')).status).toBe(400);
  expect((await post(body(), 'corrected')).status).toBe(201);
});

test('a failure that may pass gives the key back', async () => {
  const request = body();
  await gateway.pool.query('ALTER TABLE integration_secrets RENAME TO elsewhere');
  const failed = await post(request, 'passing').finally(() =>
    gateway.pool.query('ALTER TABLE elsewhere RENAME TO integration_secrets'),
  );
  expect(failed).toMatchObject({ status: 500, body: { error: { code: 'internal' } } });
  expect((await post(request, 'passing')).status).toBe(201);
});

test('a first request that was cut off blocks its key for two minutes, an answer is kept for a day', async () => {
  const request = body();
  await post(request, 'old');
  const age = (interval: string) =>
    gateway.pool.query(`UPDATE idempotency_keys SET created_at = now() - interval '${interval}'`);
  const forget = () =>
    gateway.pool.query('UPDATE idempotency_keys SET status = NULL, answer = NULL');

  await age('23 hours');
  expect((await post(request, 'old')).status).toBe(201);
  await age('25 hours');
  expect((await post(request, 'old')).body.error.code).toBe('name_taken');

  await forget();
  expect((await post(request, 'old')).headers['retry-after']).toBe('1');
  await age('3 minutes');
  expect((await post(request, 'old')).body.error.code).toBe('name_taken');
});

test('keys of yesterday are cleared away by the next ones', async () => {
  await post(body(), 'yesterday');
  await gateway.pool.query("UPDATE idempotency_keys SET created_at = now() - interval '2 days'");
  await post(body(), 'today-1');
  await post(body(), 'today-2');
  const { rows } = await gateway.pool.query(
    "SELECT 1 FROM idempotency_keys WHERE created_at < now() - interval '1 day'",
  );
  expect(rows).toEqual([]);
});

test.each(['', ' ', 'two words', 'x'.repeat(256), 'é'])('the key "%s" is refused', async (bad) => {
  const answer = await post(body(), bad);
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  expect(answer.body.error.message).toContain('Idempotency-Key');
});

describe('whose answer it is', () => {
  const answers = async () => (await gateway.pool.query('SELECT FROM idempotency_keys')).rowCount;
  beforeEach(() => gateway.pool.query('DELETE FROM idempotency_keys'));

  test('another API key has other keys; those of the settings share theirs', async () => {
    const { body: made } = await gateway.call('POST', '/v1/keys', {
      ...{ name: 'another', scopes: ['manage'] },
    });
    const another = { authorization: `Bearer ${(made as unknown as { key: string }).key}` };
    const request = body();
    const first = await post(request, 'mine');
    const headers = { ...key('mine'), ...another };
    const theirs = await gateway.call('POST', '/v1/integrations', request, headers);
    expect(theirs.body.error.code).toBe('name_taken');
    expect((await gateway.call('POST', '/v1/integrations', request, headers)).status).toBe(409);
    const rotated = {
      ...key('mine'),
      authorization: 'Bearer another-key-of-the-application-012345',
    };
    const same = await gateway.call('POST', '/v1/integrations', request, rotated);
    expect(same).toMatchObject({ status: 201, body: first.body });
  });

  test('an integration takes along the answers about it: its own, and those of what hangs on it', async () => {
    const { body: created } = await post(body(), 'created');
    const other = body();
    await post(other, 'other');
    const url = `/v1/integrations/${created.id}`;
    await gateway.call('POST', `${url}/webhook-secrets`, undefined, key('secret'));
    const ended = { state: 'handled', ended_at: new Date() } as const;
    await insertDelivery(gateway.pool, { id: 'dlv_1', integration_id: created.id, ...ended });
    await gateway.call('POST', '/v1/deliveries/dlv_1/replay', undefined, key('replay'));
    expect(await answers()).toBe(4);
    expect((await gateway.call('DELETE', url)).status).toBe(204);
    expect(await answers()).toBe(1);
    expect((await gateway.call('DELETE', `/v1/users/${other.userId}`)).status).toBe(204);
    expect(await answers()).toBe(0);
  });

  test('a user takes along what was answered about them, and nobody can read who it was', async () => {
    const userId = 'ada-lovelace';
    await gateway.call('POST', '/v1/sessions', { userId }, key('session'));
    await gateway.call('POST', '/v1/integrations', { userId, name: '' }, key('bad'));
    const refused = { ...body({ userId }), destination: { url: 'https://[' } };
    await gateway.call('POST', '/v1/integrations', refused, key('refused'));
    await gateway.call('POST', '/v1/sessions', { userId: 'bob' }, key('of-bob'));
    const { rows } = await gateway.pool.query<{ row: string }>(
      'SELECT idempotency_keys::text AS row FROM idempotency_keys',
    );
    expect(rows.length).toBe(3);
    const hex = Buffer.from(userId).toString('hex');
    for (const { row } of rows) expect(row).not.toMatch(new RegExp(`${userId}|${hex}`));
    await gateway.call('DELETE', `/v1/users/${userId}`);
    expect(await answers()).toBe(1);
  });
});
