import { adminUrlVariable } from '../../support/servers/database';
import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';

interface Line {
  event: string;
  level: string;
  count?: number;
  err: unknown;
}

const linesOf = ({ logged }: GatewayFixture) =>
  logged
    .map((line) => JSON.parse(line) as Line)
    .filter(({ event }) => event === 'webhook.unavailable' || event === 'request.failed');

const sendThree = async ({ call }: GatewayFixture) => {
  const sent = [];
  for (let n = 0; n < 3; n++) sent.push(await call('POST', '/webhooks/int_0123456789', {}));
  return sent;
};

test('S19 while Postgres rejects our login a webhook is 503, to be sent again, and many are one line', async () => {
  const { host } = new URL(process.env[adminUrlVariable] ?? '');
  const gateway = await gatewayFixture({ temporal: 'away', postgres: host });
  try {
    for (const { status, headers, body } of await sendThree(gateway)) {
      expect([status, headers['retry-after']]).toEqual([503, '2']);
      expect(body.error.code).toBe('database_unavailable');
    }
    expect(linesOf(gateway)).toMatchObject([{ event: 'webhook.unavailable', count: 1 }]);
  } finally {
    await gateway.close();
  }
  expect(linesOf(gateway)).toMatchObject([
    { count: 1 },
    { event: 'webhook.unavailable', count: 2 },
  ]);
}, 90_000);

test('webhooks that fail one way are counted too, with what failed', async () => {
  const gateway = await gatewayFixture({ temporal: 'away' });
  try {
    await gateway.pool.query('ALTER TABLE integrations RENAME TO elsewhere');
    for (const { status } of await sendThree(gateway)) expect(status).toBe(500);
    expect(linesOf(gateway)).toMatchObject([{ event: 'request.failed', count: 1 }]);
    // What else fails has a line of its own, each time.
    for (const time of [2, 3]) {
      await gateway.call('GET', '/v1/integrations');
      expect(linesOf(gateway)).toHaveLength(time);
    }
  } finally {
    await gateway.close();
  }
  expect(linesOf(gateway).at(-1)).toMatchObject({
    ...{ event: 'request.failed', level: 'error', count: 2 },
    err: { code: '42P01', stack: expect.any(String) as string },
  });
}, 90_000);
