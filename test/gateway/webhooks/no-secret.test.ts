import type { Pool } from '../../../src/db/pool';
import { createIntegrationVerifier } from '../../../src/gateway/webhooks/verify';
import { openRegistry } from '../../support/connections';
import { webhook } from '../../webhooks/requests';
import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';

const providers = {
  bringer: { webhook: { scheme: 'github', providerMakesSecret: true } },
} as const;
let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture({ providers });
});
afterAll(() => gateway.close());

test('S12 however many webhooks come for one without a secret, its rows are read a few times', async () => {
  const { id } = await gateway.create({ provider: 'bringer', credentials: undefined });
  const { pool, envelope } = gateway;
  let reads = 0;
  const counting = Object.assign(Object.create(pool) as Pool, {
    query: (query: { text: string; values: unknown[] }) => {
      reads++;
      return pool.query(query);
    },
  });
  const verifier = createIntegrationVerifier({
    ...{ pool: counting, envelope, registry: openRegistry({ providers }) },
    signatures: { check: (_, verified) => Promise.resolve(verified) },
  });
  const startedAt = performance.now();
  const senders = Array.from({ length: 8 }, async () => {
    while (performance.now() - startedAt < 300) {
      const verdict = await verifier.verify(id, webhook([], '{}'));
      expect(verdict).toEqual({ ok: false, reason: 'no_secret' });
    }
  });
  await Promise.all(senders);
  expect(reads).toBeGreaterThan(1);
  expect(reads).toBeLessThanOrEqual((performance.now() - startedAt) / 50 + 2);
});
