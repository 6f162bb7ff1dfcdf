import { eventually } from '../../support/eventually';
import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';
import { head, rawSender } from '../http/raw-sender';

/** A request whose body never comes. */
async function answerWithoutBody(app: GatewayFixture['app'], path: string): Promise<string> {
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  const sender = await rawSender(Number(port));
  sender.socket.write(head(`POST ${path}`, 'content-length: 1000'));
  await sender.closed;
  return sender.answer();
}

describe('behind a trusted proxy', () => {
  let gateway: GatewayFixture;
  beforeAll(async () => {
    gateway = await gatewayFixture({ config: { trustedProxies: ['10.0.0.0/8'] } });
  });
  afterAll(() => gateway.close());

  const post = (path: string, peer: string, forwardedFor: string, more: object = {}) =>
    gateway.app.inject({
      ...{ method: 'POST', url: path, remoteAddress: peer, payload: '{}' },
      headers: { 'x-forwarded-for': forwardedFor, ...more },
    });

  test('S12 rejections name the sender, and what others say of themselves is nothing', async () => {
    const { id } = await gateway.create();
    await post(`/webhooks/${id}`, '10.0.0.1', '192.0.2.99, 198.51.100.1:4711');
    await post(`/webhooks/${id}`, '10.0.0.2', '198.51.100.1');
    await post(`/webhooks/${id}`, '198.51.100.2', '192.0.2.99');
    await eventually(async () => {
      const { body } = await gateway.call('GET', `/v1/integrations/${id}/rejections`);
      const seen = body.items as unknown as { sourceAddress: string; count: number }[];
      expect(seen.map(({ sourceAddress, count }) => [sourceAddress, count]).sort()).toEqual([
        ['198.51.100.1', 2],
        ['198.51.100.2', 1],
      ]);
    });
  });

  test('S20 a flood of one sender takes nothing from another behind the same proxy', async () => {
    const flood = await Promise.all(
      Array.from({ length: 300 }, () => post('/webhooks/int_none', '10.0.0.1', '198.51.100.7')),
    );
    expect(flood.map(({ statusCode }) => statusCode)).toContain(429);
    const { statusCode } = await post('/webhooks/int_none', '10.0.0.1', '198.51.100.8');
    expect(statusCode).toBe(404);
  });
});

test('S19 while the database is away a webhook is 503 before its body has come', async () => {
  const gateway = await gatewayFixture({ temporal: 'away', postgres: '127.0.0.1:1' });
  try {
    const answer = await answerWithoutBody(gateway.app, '/webhooks/int_0123456789');
    expect(answer).toMatch(/^HTTP\/1.1 503 [^]*retry-after: \d[^]*"database_unavailable"/);
  } finally {
    await gateway.close();
  }
});

test('S12 what is for nobody is 404 before its body has come', async () => {
  const gateway = await gatewayFixture({ temporal: 'away' });
  try {
    const answer = await answerWithoutBody(gateway.app, '/webhooks/apps/nobody');
    expect(answer).toMatch(/^HTTP\/1.1 404 [^]*"unknown_provider"/);
  } finally {
    await gateway.close();
  }
});
