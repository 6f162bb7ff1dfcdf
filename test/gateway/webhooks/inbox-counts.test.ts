import { countStoredBytes } from '../../../src/db/queries/deliveries/stored-bytes';
import { insertDeliveries } from '../../support/scenes/rows';
import { type Body, type GatewayFixture, gatewayFixture } from '../gateway-fixture';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture();
});
afterAll(() => gateway.close());

test('each integration of a list has its own counts, the same as by itself', async () => {
  const made: Body[] = [];
  for (let number = 0; number < 4; number++) {
    made.push(await gateway.create({ userId: 'counter', name: `n${number}` }));
  }
  const states = ['pending', 'failed', 'handled', 'discarded', 'expired'] as const;
  for (const [index, { id }] of made.slice(0, 3).entries()) {
    for (const [place, state] of states.entries()) {
      const count = 10 * (index + 1) + place + 1;
      await insertDeliveries(gateway.pool, count, { integration_id: id, state });
    }
  }
  await countStoredBytes(gateway.pool, made[1]?.id ?? '');
  const { body } = await gateway.call('GET', '/v1/integrations?userId=counter&limit=3');
  const counts = (first: number) =>
    Object.fromEntries(states.map((state, place) => [state, first === 0 ? 0 : first + place]));
  const at = expect.stringMatching(/^2/) as unknown;
  expect(body.items.map((item) => (item as Body & { inbox: unknown }).inbox)).toEqual([
    { ...counts(0), bytes: 0, oldestPendingAt: null },
    { ...counts(31), bytes: 0, oldestPendingAt: at },
    // The headers of each: `[]`.
    { ...counts(21), bytes: 2 * (21 + 22 + 23 + 24 + 25), oldestPendingAt: at },
  ]);
  for (const item of body.items) {
    expect((await gateway.call('GET', `/v1/integrations/${item.id}`)).body).toEqual(item);
  }
});
