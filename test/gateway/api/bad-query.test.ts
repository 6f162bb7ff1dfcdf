import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';
import { ask, expectRefusal } from './bad-requests';

let gateway: GatewayFixture;
let id: string;
beforeAll(async () => {
  gateway = await gatewayFixture();
  ({ id } = await gateway.create());
});
afterAll(() => gateway.close());

describe('queries', () => {
  const other = Buffer.from('1795252329375325:int_1').toString('base64url');
  test.each([
    ['/v1/integrations?limit=0', /limit/],
    ['/v1/integrations?limit=201', /limit/],
    ['/v1/integrations?limit=ten', /limit/],
    ['/v1/integrations?limit=1&limit=2', /limit/],
    ['/v1/integrations?status=BROKEN', /one of: ENABLED/],
    ['/v1/integrations?userId=%00', /userId/],
    ['/v1/integrations?provider=', /provider/],
    ['/v1/integrations?unknown=1', /unknown/],
    ['/v1/integrations?cursor=junk', /cursor/],
    [
      `/v1/integrations?cursor=${Buffer.from('9'.repeat(16) + ':int_1').toString('base64url')}`,
      /cur/,
    ],
    [`/v1/integrations?cursor=${Buffer.from('1:int_\0').toString('base64url')}`, /cursor/],
    ['/v1/integrations/:id/deliveries?state=lost', /one of: pending/],
    ['/v1/integrations/:id/deliveries?cursor=%00', /cursor/],
    [`/v1/integrations/:id/rejections?cursor=${other}`, /cursor/],
    [`/v1/integrations/:id/transitions?cursor=${other}`, /cursor/],
  ])('%s: 400', async (url, message) => {
    const answer = await ask(gateway, { method: 'GET', url }, { id });
    expectRefusal(answer, 'invalid_request');
    expect(answer.error?.message).toMatch(message);
  });
});
