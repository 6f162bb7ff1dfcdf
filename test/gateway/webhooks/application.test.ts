import { randomUUID } from 'node:crypto';
import { eventually } from '../../support/eventually';
import { insertDeliveries } from '../../support/scenes/rows';
import { type Body, type GatewayFixture, gatewayFixture } from '../gateway-fixture';
import { sendGithub } from './github-webhook';

const secret = 'the secret of the application';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture({
    config: { rateLimitPerSecond: 20, keepLimit: 60 },
    providers: {
      crm: {
        webhook: {
          scheme: 'github',
          secrets: [undefined, secret],
          eventsPointer: '/events',
          accountPointer: '/account',
          retries: true,
        },
      },
      single: {
        webhook: { scheme: 'github', secrets: [secret], accountPointer: '/account', retries: true },
      },
      once: {
        webhook: {
          scheme: 'github',
          secrets: [secret],
          eventsPointer: '/events',
          accountPointer: '/account',
        },
      },
      silent: { webhook: { scheme: 'github' } },
    },
  });
});
afterAll(() => gateway.close());

const connect = (webhookAccount: string, provider = 'crm', fields: object = {}) =>
  gateway.create({ provider, credentials: undefined, webhookAccount, ...fields });

const events = (...accounts: unknown[]) =>
  JSON.stringify({ events: accounts.map((account) => ({ account, note: randomUUID() })) });

const send = (body: string, provider = 'crm', id?: string) =>
  sendGithub(gateway, `/webhooks/apps/${provider}`, secret, {
    body,
    ...(id === undefined ? {} : { id }),
  });

async function stored(...integrations: Body[]) {
  const { rows } = await gateway.pool.query<{ integration_id: string; body: Buffer }>(
    'SELECT integration_id, body FROM deliveries WHERE integration_id = ANY ($1) ORDER BY sequence',
    [integrations.map(({ id }) => id)],
  );
  return rows.map((row) => [row.integration_id, row.body.toString()]);
}

interface Rejection {
  reason: string;
  account: string | null;
  sizeBytes: number;
}

/** Through the API, as an operator asks why nothing arrives. */
async function refusals(url: string): Promise<Rejection[]> {
  const { body } = await gateway.call('GET', url);
  return body.items as unknown as Rejection[];
}

describe('one address for many accounts', () => {
  test('S17 each event becomes a delivery of every integration of its account, unknown ones are refused', async () => {
    const [one, other, another] = [await connect('1'), await connect('2'), await connect('2')];
    const body = events('1', 2, 'nobody', '1', null);
    const answer = await send(body);
    expect(answer.status).toBe(202);
    expect(answer.body.deliveries).toHaveLength(4);

    const parts = (JSON.parse(body) as { events: unknown[] }).events.map((event) =>
      JSON.stringify(event),
    );
    const rows = await stored(one, other, another);
    expect(new Set(answer.body.deliveries?.map(({ outcome }) => outcome))).toEqual(
      new Set(['accepted']),
    );
    expect(rows.filter(([id]) => id === one.id)).toEqual([
      [one.id, parts[0]],
      [one.id, parts[3]],
    ]);
    expect(rows.filter(([id]) => id === other.id)).toEqual([[other.id, parts[1]]]);
    expect(rows.filter(([id]) => id === another.id)).toEqual([[another.id, parts[1]]]);

    await eventually(async () =>
      expect(await refusals('/v1/providers/crm/rejections')).toMatchObject([
        { reason: 'no_account', account: null, sizeBytes: parts[4]?.length },
        { reason: 'unknown_account', account: 'nobody', sizeBytes: parts[2]?.length },
      ]),
    );
  });

  test('S17 the account is the credential’s where the integration names none', async () => {
    const account = randomUUID();
    const integration = await gateway.create({
      provider: 'crm',
      credentials: { main: { accessToken: 'access', accountId: account } },
    });
    const named = await gateway.create({
      provider: 'crm',
      credentials: { main: { accessToken: 'access', accountId: account } },
      webhookAccount: 'another account',
    });
    await send(events(account));
    expect(await stored(integration, named)).toHaveLength(1);
    expect((await stored(integration))[0]?.[0]).toBe(integration.id);
  });

  test('S16 S17 the same request again, also at the same moment, is the same deliveries', async () => {
    const [one, other] = [await connect('a'), await connect('b')];
    const body = events('a', 'b', 'a');
    const id = randomUUID();
    const answers = await Promise.all([send(body, 'crm', id), send(body, 'crm', id)]);
    const again = await send(body, 'crm', id);
    expect(await stored(one, other)).toHaveLength(3);
    const idsOf = (answer: typeof again) => answer.body.deliveries?.map((delivery) => delivery.id);
    expect(idsOf(answers[1])).toEqual(idsOf(answers[0]));
    expect(idsOf(again)).toEqual(idsOf(answers[0]));
    expect(again.body.deliveries?.every(({ outcome }) => outcome === 'duplicate')).toBe(true);
  });

  test('one event of one integration is answered without a list', async () => {
    const integration = await connect('solo', 'single');
    const answer = await send('{"account":"solo"}', 'single');
    expect(answer).toMatchObject({ status: 202, body: { outcome: 'accepted' } });
    expect((await stored(integration))[0]).toEqual([integration.id, '{"account":"solo"}']);
  });

  test('S17 S20 events beyond an integration’s rate are refused, those of others go through', async () => {
    const [flooded, calm] = [await connect('flooded'), await connect('calm')];
    // Whichever second it falls into: fifty are more than two seconds take.
    const answer = await send(events(...Array.from({ length: 50 }, () => 'flooded'), 'calm'));
    expect(answer.status).toBe(202);
    expect((await stored(flooded)).length).toBeLessThanOrEqual(40);
    expect(await stored(calm)).toHaveLength(1);
    await eventually(async () => {
      const reasons = await refusals(`/v1/integrations/${flooded.id}/rejections`);
      expect(reasons[0]?.reason).toBe('rate_limited');
    });
  });

  test('S20 a request whose events are all too many is 429 with Retry-After', async () => {
    await connect('too busy', 'single');
    const answers = await Promise.all(
      Array.from({ length: 60 }, () =>
        send(`{"account":"too busy","note":"${randomUUID()}"}`, 'single'),
      ),
    );
    // They may fall into two seconds.
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(20);
    expect(refused[0]).toMatchObject({
      retryAfter: '1',
      body: { error: { code: 'rate_limited' } },
    });
    expect(answers.filter(({ status }) => status === 202)[0]?.body.outcome).toBe('accepted');
  });

  test('S20 events of a sender whom a refusal costs them are stored at any rate, up to the hard limit', async () => {
    const [flooded, full] = [await connect('flood', 'once'), await connect('brim', 'once')];
    await insertDeliveries(gateway.pool, 120, { integration_id: full.id });
    const answer = await send(events(...Array.from({ length: 50 }, () => 'flood'), 'brim'), 'once');
    expect(answer.status).toBe(202);
    expect(await stored(flooded)).toHaveLength(50);
    expect(answer.body.deliveries?.at(-1)).toEqual({ id: null, outcome: 'discarded' });
  });

  test('S20 one full inbox refuses nothing at an address for many: it takes twice as much', async () => {
    const full = await connect('full', 'single');
    await insertDeliveries(gateway.pool, 60, { integration_id: full.id });
    const answer = await send('{"account":"full"}', 'single');
    expect(answer).toMatchObject({ status: 202, body: { outcome: 'accepted' } });
    const over = await connect('over', 'single');
    await insertDeliveries(gateway.pool, 120, { integration_id: over.id });
    expect(await send('{"account":"over"}', 'single')).toMatchObject({
      status: 202,
      body: { id: null, outcome: 'discarded' },
    });
  });

  test('S17 policies hold for each integration by itself', async () => {
    const [off, on] = [await connect('mixed'), await connect('mixed')];
    await gateway.pool.query(
      `UPDATE integrations SET status = 'DISABLED', reason_code = 'switched_off' WHERE id = $1`,
      [off.id],
    );
    const { body } = await send(events('mixed'));
    expect(body.deliveries?.map(({ outcome }) => outcome).sort()).toEqual([
      'accepted',
      'discarded',
    ]);
    expect(await stored(off, on)).toHaveLength(2);
  });

  test.each([
    ['no JSON', 'junk'],
    ['no list', '{"events":{}}'],
    ['an account that is no text', events({ deep: 1 })],
    ['an account that Postgres can not hold', events('a\0b')],
    ['an account of a megabyte', events('x'.repeat(50_000))],
  ])('a genuine request with %s is a refusal, not an error', async (_what, body) => {
    expect(await send(body)).toMatchObject({ status: 202, body: { deliveries: [] } });
  });

  test('S12 a bad signature, a provider without a secret and an unknown one are refused', async () => {
    const forged = await sendGithub(gateway, '/webhooks/apps/crm', 'another secret');
    expect(forged).toMatchObject({ status: 401, body: { error: { code: 'invalid_signature' } } });
    const silent = await sendGithub(gateway, '/webhooks/apps/silent', secret);
    expect(silent).toMatchObject({ status: 401, body: { error: { code: 'no_secret' } } });
    const unknown = await sendGithub(gateway, '/webhooks/apps/nobody', secret);
    expect(unknown).toMatchObject({ status: 404, body: { error: { code: 'unknown_provider' } } });
    await eventually(async () => {
      expect((await refusals('/v1/providers/crm/rejections'))[0]?.reason).toBe('wrong_signature');
      expect((await refusals('/v1/providers/silent/rejections'))[0]?.reason).toBe('no_secret');
    });
  });
});
