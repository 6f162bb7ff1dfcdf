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
  const { body } = await gateway.call('GET', '/v1/integrations?userId=counter&limit=3');
  const at = expect.stringMatching(/^2/) as unknown;
  expect(body.items.map((item) => (item as Body & { inbox: unknown }).inbox)).toEqual([
    { pending: 0, failed: 0, handled: 0, discarded: 0, expired: 0, oldestPendingAt: null },
    { pending: 31, failed: 32, handled: 33, discarded: 34, expired: 35, oldestPendingAt: at },
    { pending: 21, failed: 22, handled: 23, discarded: 24, expired: 25, oldestPendingAt: at },
  ]);
  for (const item of body.items) {
    expect((await gateway.call('GET', `/v1/integrations/${item.id}`)).body).toEqual(item);
  }
});
