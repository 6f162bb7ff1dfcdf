import { createKeySameBodies } from '../../../../src/gateway/webhooks/repeats/same-bodies';
import { storedKey } from '../../../../src/webhooks/split-events';
import { type Body, type GatewayFixture, gatewayFixture } from '../../gateway-fixture';

const seconds = 3_600;

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture({
    providers: {
      bare: { webhook: { scheme: 'none' } },
      meta: { webhook: { scheme: 'none', dedupe: { sameBodyWithinSeconds: seconds } } },
      batches: {
        webhook: {
          ...{ scheme: 'none', eventsPointer: '/entry' },
          dedupe: { sameBodyWithinSeconds: seconds },
        },
      },
    },
  });
});
afterAll(() => gateway.close());

interface Taken {
  id: string;
  outcome: string;
}

const connect = (provider: string) => gateway.create({ provider, credentials: undefined });

async function post({ id }: Body, payload: string): Promise<Taken[]> {
  const answer = await gateway.app.inject({ method: 'POST', url: `/webhooks/${id}`, payload });
  const body = JSON.parse(answer.body) as Taken & { deliveries?: Taken[] };
  return body.deliveries ?? [body];
}

async function one(to: Body, payload: string): Promise<Taken> {
  const [first] = await post(to, payload);
  return first ?? { id: '', outcome: '' };
}

async function stored({ id }: Body): Promise<number> {
  const { rowCount } = await gateway.pool.query(
    'SELECT FROM deliveries WHERE integration_id = $1 AND dedupe_key IS NOT NULL',
    [id],
  );
  return rowCount ?? 0;
}

/** As if the time within which the same bytes are a repeat had passed. */
const timePasses = () =>
  gateway.pool.query("UPDATE same_bodies SET until = now() - interval '1 microsecond'");

test('S16 without a key of the sender the same bytes are new each time, also at the same moment', async () => {
  const integration = await connect('bare');
  const taken = [
    ...(await post(integration, '')),
    ...(await post(integration, '')),
    ...(await Promise.all([one(integration, ''), one(integration, '')])),
  ];
  expect(new Set(taken.map(({ id }) => id)).size).toBe(4);
  expect(new Set(taken.map(({ outcome }) => outcome))).toEqual(new Set(['accepted']));
  const { body } = await gateway.call('GET', `/v1/integrations/${integration.id}/deliveries`);
  expect(body.items).toHaveLength(4);
  expect(body.items).toEqual(body.items.map((item) => ({ ...item, dedupeKey: null })));
});

test('S16 the same bytes within the declared time are one, for each integration; after it they are new', async () => {
  const [integration, other] = [await connect('meta'), await connect('meta')];
  const first = await one(integration, 'a');
  expect(first.outcome).toBe('accepted');
  expect(await one(integration, 'a')).toEqual({ id: first.id, outcome: 'duplicate' });
  expect(await one(integration, 'b')).toMatchObject({ outcome: 'accepted' });
  expect(await one(other, 'a')).toMatchObject({ outcome: 'accepted' });
  await timePasses();
  const later = await one(integration, 'a');
  expect(later.outcome).toBe('accepted');
  expect(later.id).not.toBe(first.id);
  expect(await one(integration, 'a')).toEqual({ id: later.id, outcome: 'duplicate' });
  expect(await stored(integration)).toBe(3);
});

test('S16 S17 of several events in a request each is known by its own bytes', async () => {
  const integration = await connect('batches');
  const sent = '{"entry":[{"a":1},{"a":2},{"a":1}],"n":1}';
  const first = await post(integration, sent);
  expect(first.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'duplicate']);
  const again = await post(integration, sent.replace('"n":1', '"n":2'));
  expect(again).toEqual([0, 1, 0].map((index) => ({ id: first[index]?.id, outcome: 'duplicate' })));
});

test('S16 at the same moment, in two gateways, before the first and as its time ends: one key', async () => {
  const integration = await connect('meta');
  const delivery = {
    ...{ id: 'dlv_1', integrationId: integration.id, position: 0, eventType: null, headers: '[]' },
    ...{ ...storedKey(null), body: Buffer.from('edge'), refusable: true },
  };
  const gateways = [1, 2, 3, 4].map(() => createKeySameBodies(gateway.pool));
  const keys = new Set<string | null>();
  for (let round = 1; round <= 5; round++) {
    const keyed = await Promise.all(
      gateways.flatMap((key) => [key([delivery], seconds), key([delivery, delivery], seconds)]),
    );
    for (const { dedupeKey } of keyed.flat()) keys.add(dedupeKey);
    expect(keys.size).toBe(round);
    await timePasses();
  }
});

test('an integration that is gone leaves nothing behind, and fails nobody', async () => {
  const [gone, there] = [await connect('meta'), await connect('meta')];
  await one(gone, 'x');
  await gateway.call('DELETE', `/v1/integrations/${gone.id}`);
  const key = createKeySameBodies(gateway.pool);
  const delivery = ({ id }: Body) => ({
    ...{ id: 'dlv_1', integrationId: id, position: 0, eventType: null, headers: '[]' },
    ...{ ...storedKey(null), body: Buffer.from('x'), refusable: true },
  });
  const keyed = await key([delivery(gone), delivery(there)], seconds);
  expect(keyed.map(({ dedupeKey }) => dedupeKey)).toEqual([
    null,
    expect.stringMatching(/^body-sha256:[0-9a-f]{64}@\d+$/),
  ]);
  const { rowCount } = await gateway.pool.query(
    'SELECT FROM same_bodies WHERE integration_id = $1',
    [gone.id],
  );
  expect(rowCount).toBe(0);
});
