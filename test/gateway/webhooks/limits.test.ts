import { endFullness } from '../../../src/db/queries/notifications/incidents';
import { eventually } from '../../support/eventually';
import { insertDeliveries } from '../../support/scenes/rows';
import { type Body, type GatewayFixture, gatewayFixture } from '../gateway-fixture';
import { sendGithub } from './github-webhook';

const rateLimitPerSecond = 20;
const keepLimit = 10;

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture({
    config: { rateLimitPerSecond, keepLimit, notifyUrl: 'http://127.0.0.1:9/' },
    providers: {
      again: { webhook: { scheme: 'github', retries: true } },
      batches: { webhook: { scheme: 'none', retries: true, eventsPointer: '/events' } },
      once: { webhook: { scheme: 'none', retries: false } },
    },
  });
});
afterAll(() => gateway.close());

const connect = (provider = 'again') => gateway.create({ provider, credentials: undefined });

const send = (to: Body, options: { id?: string; body?: string; secret?: string } = {}) =>
  sendGithub(gateway, `/webhooks/${to.id}`, options.secret ?? to.webhookSecret, options);

const many = <T>(count: number, one: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => one(index)));

const count = async ({ id }: Body, state: string) => {
  const { rows } = await gateway.pool.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM deliveries WHERE integration_id = $1 AND state = $2',
    [id, state],
  );
  return rows[0]?.count;
};

describe('the rate of one integration', () => {
  test('S20 what is beyond it is 429 with Retry-After, and the others don’t notice', async () => {
    const [flooded, calm] = [await connect(), await connect()];
    const answers = await many(3 * rateLimitPerSecond, () => send(flooded));
    const refused = answers.filter(({ status }) => status === 429);
    // They may fall into two seconds.
    expect(refused.length).toBeGreaterThanOrEqual(rateLimitPerSecond);
    expect(refused[0]).toMatchObject({
      retryAfter: '1',
      body: { error: { code: 'rate_limited' } },
    });
    expect(await send(calm)).toMatchObject({ status: 202 });
  });

  test.each(['hooks', 'once'])(
    'S20 a sender whom that costs the event is refused at no rate: %s',
    async (provider) => {
      const flooded = await connect(provider);
      const answers = await many(rateLimitPerSecond + keepLimit / 2, () => send(flooded));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    },
  );

  test('S20 a flood of bad signatures at its address takes nothing from its sender', async () => {
    const integration = await connect('hooks');
    const forged = await many(400, () => send(integration, { secret: 'another' }));
    const statuses = new Set(forged.map(({ status }) => status));
    expect([...statuses].sort()).toEqual([401, 429]);
    expect(forged.find(({ status }) => status === 429)?.retryAfter).toBe('1');
    const genuine = await many(5, () => send(integration));
    expect(genuine.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
  });

  test('S20 addresses that nobody has are refused at a bounded rate too', async () => {
    const answers = await many(300, (index) =>
      sendGithub(gateway, `/webhooks/int_${index}`, 'secret', { remoteAddress: '192.0.2.7' }),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404, 429]));
    const elsewhere = await sendGithub(gateway, '/webhooks/int_1', 'secret', {
      remoteAddress: '192.0.2.8',
    });
    expect(elsewhere.status).toBe(404);
  });
});

describe('how much one integration keeps', () => {
  /** As full as it may be, by rows. */
  async function full(provider?: string): Promise<Body> {
    const integration = await connect(provider);
    await insertDeliveries(gateway.pool, keepLimit, { integration_id: integration.id });
    return integration;
  }

  test('S20 a sender that asks again is told to, one that never does is taken', async () => {
    const [again, never] = [await full(), await full('hooks')];
    expect(await send(again)).toMatchObject({
      status: 429,
      retryAfter: '60',
      body: { error: { code: 'inbox_full' } },
    });
    expect(await count(again, 'pending')).toBe(keepLimit);
    expect(await send(never)).toMatchObject({ status: 202, body: { outcome: 'accepted' } });
    expect(await count(never, 'pending')).toBe(keepLimit + 1);
  });

  test('S20 past twice the limit nothing is stored, what would have been is counted, and nobody is refused', async () => {
    const never = await full('hooks');
    await insertDeliveries(gateway.pool, keepLimit - 1, { integration_id: never.id });
    const last = await send(never, { id: 'the-last' });
    expect(last).toMatchObject({ status: 202, body: { outcome: 'accepted' } });
    // A count holds for a second.
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    const answers = await many(3, () => send(never));
    answers.push(await send(never));
    for (const { status, body } of answers) {
      expect({ status, body }).toEqual({ status: 202, body: { id: null, outcome: 'discarded' } });
    }
    expect(await send(never, { id: 'the-last' })).toMatchObject({
      body: { id: last.body.id, outcome: 'duplicate' },
    });
    expect(await count(never, 'pending')).toBe(2 * keepLimit);
    expect(await count(never, 'discarded')).toBe(0);
    const { body } = await gateway.call('GET', `/v1/integrations/${never.id}`);
    expect(body).toMatchObject({ inbox: { pending: 2 * keepLimit, discarded: 4 } });
    await eventually(async () => {
      const { rows } = await gateway.pool.query(
        'SELECT type FROM notices WHERE integration_id = $1',
        [never.id],
      );
      expect(rows).toEqual([{ type: 'integration.inbox_full' }]);
    });
  });

  test('S20 what an integration discards by its policy is stored as that, however full it is', async () => {
    const never = await full('hooks');
    await insertDeliveries(gateway.pool, keepLimit, { integration_id: never.id });
    await gateway.pool.query(
      `UPDATE integrations SET status = 'DISABLED', reason_code = 'switched_off' WHERE id = $1`,
      [never.id],
    );
    expect(await send(never)).toMatchObject({
      body: { id: expect.stringMatching(/^dlv_/) as string, outcome: 'discarded' },
    });
    expect(await count(never, 'discarded')).toBe(1);
  });

  test('one below the limit is taken, and what repeats something that is kept is a duplicate', async () => {
    const integration = await full();
    await gateway.pool.query(
      `DELETE FROM deliveries WHERE id = (SELECT min(id) FROM deliveries WHERE integration_id = $1)`,
      [integration.id],
    );
    const first = await send(integration, { id: 'the-last' });
    expect(first).toMatchObject({ status: 202, body: { outcome: 'accepted' } });
    // A count holds for a second.
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect(await send(integration, { id: 'the-last' })).toMatchObject({
      status: 202,
      body: { id: first.body.id, outcome: 'duplicate' },
    });
    expect(await send(integration, { id: 'one-more' })).toMatchObject({ status: 429 });
  });

  test('it is taken again within a second of there being room, and others never wait for it', async () => {
    const [integration, other] = [await full(), await connect()];
    const [refused, taken] = await Promise.all([send(integration), send(other)]);
    expect([refused.status, taken.status]).toEqual([429, 202]);
    await gateway.pool.query('DELETE FROM deliveries WHERE integration_id = $1', [integration.id]);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect(await send(integration)).toMatchObject({ status: 202 });
  });

  test('a full inbox is told of once, however often it is found full', async () => {
    const integration = await full();
    await many(8, () => send(integration));
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    await many(8, () => send(integration));
    await eventually(async () => {
      const { rows } = await gateway.pool.query<{ payload: string }>(
        'SELECT payload FROM notices WHERE integration_id = $1',
        [integration.id],
      );
      expect(rows).toHaveLength(1);
      expect(JSON.parse(rows[0]?.payload ?? '')).toMatchObject({
        type: 'integration.inbox_full',
        data: { integrationId: integration.id, keepLimit, status: 'ENABLED' },
      });
    });
  });

  test('fullness has ended once a tenth of it is free', async () => {
    const integration = await full();
    await send(integration);
    const episodes = async () => {
      await endFullness(gateway.pool, { keepLimit, keepLimitBytes: 2 ** 30 });
      const { rowCount } = await gateway.pool.query(
        'SELECT FROM integration_episodes WHERE integration_id = $1',
        [integration.id],
      );
      return rowCount;
    };
    await eventually(async () => expect(await episodes()).toBe(1));
    const drop = () =>
      gateway.pool.query(
        `DELETE FROM deliveries WHERE id = (SELECT min(id) FROM deliveries WHERE integration_id = $1)`,
        [integration.id],
      );
    await drop();
    expect(await episodes()).toBe(1);
    await drop();
    expect(await episodes()).toBe(0);
  });

  test('a burst overshoots by what a moment takes, at most', async () => {
    const integration = await connect();
    await many(15, () => send(integration));
    await new Promise((resolve) => setTimeout(resolve, 150));
    const kept = await count(integration, 'pending');
    expect(kept).toBeGreaterThanOrEqual(keepLimit);
    const answers = await many(15, () => send(integration));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([429]));
    expect(await count(integration, 'pending')).toBe(kept);
  });
});

test('S20 of a request whose events have no keys either all find room or none do', async () => {
  const integration = await connect('batches');
  // The one that Postgres refuses makes the others come each in a statement of its own, and while they do the inbox fills.
  await gateway.pool.query(`
    CREATE FUNCTION refuse_slowly() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF convert_from(new.body, 'UTF8') LIKE '%poison%' THEN RAISE 'no' USING ERRCODE = '22000'; END IF;
        PERFORM pg_sleep(0.02);
        RETURN new;
      END $$;
    CREATE TRIGGER refuse_slowly BEFORE INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION refuse_slowly()`);
  const events = [{ poison: 1 }, ...Array.from({ length: 18 }, (_, n) => ({ n }))];
  const answer = await send(integration, { body: JSON.stringify({ events }) });
  await gateway.pool.query('DROP TRIGGER refuse_slowly ON deliveries');
  expect(answer).toMatchObject({ status: 202 });
  expect(await count(integration, 'pending')).toBe(18);
  expect(await send(integration, { body: JSON.stringify({ events }) })).toMatchObject({
    status: 429,
  });
  expect(await count(integration, 'pending')).toBe(18);
});
