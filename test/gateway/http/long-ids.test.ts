import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture();
});
afterAll(() => gateway.close());

test.each([
  ['128 characters', `u${'v'.repeat(127)}`],
  ["128 that are written as three each in a browser's address", `u${'%3A'.repeat(127)}`],
])("a path takes a user's id of %s, as the bodies do", async (_what, userId) => {
  const made = await gateway.create({ userId: decodeURIComponent(userId) });
  expect((await gateway.call('DELETE', `/v1/users/${userId}`)).status).toBe(204);
  expect((await gateway.call('GET', `/v1/integrations/${made.id}`)).status).toBe(404);
});

test('a longer one is refused with a code', async () => {
  const answer = await gateway.call('DELETE', `/v1/users/${'u'.repeat(129)}`);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(answer.body.error.code).toEqual(expect.any(String));
});
