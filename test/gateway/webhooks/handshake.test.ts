import { createHmac } from 'node:crypto';
import { type Body, type GatewayFixture, gatewayFixture } from '../gateway-fixture';

const secret = 'the signing secret of the application';
const challenge = 'a challenge of the provider';
const body = JSON.stringify({ type: 'url_verification', token: 'unused', challenge });

let gateway: GatewayFixture;
let integration: Body;
beforeAll(async () => {
  gateway = await gatewayFixture({
    providers: { slack: { webhook: { scheme: 'slack', secrets: [secret] } } },
  });
  integration = await gateway.create({ provider: 'slack', credentials: undefined });
});
afterAll(() => gateway.close());

async function send(url: string, key: string) {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', key).update(`v0:${timestamp}:${body}`).digest('hex');
  const answer = await gateway.app.inject({
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/json',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    },
    payload: body,
  });
  return { status: answer.statusCode, text: answer.body };
}

test('S18 a handshake is answered with its challenge once it is verified, and stored nowhere', async () => {
  for (const [url, key] of [
    [`/webhooks/${integration.id}`, integration.webhookSecret],
    ['/webhooks/apps/slack', secret],
  ] as const) {
    const answer = await send(url, key);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(challenge);
  }
  const { rowCount } = await gateway.pool.query('SELECT FROM deliveries');
  expect(rowCount).toBe(0);
});

test('S18 a handshake that anybody could have sent is refused, and its challenge is not echoed', async () => {
  for (const url of [`/webhooks/${integration.id}`, '/webhooks/apps/slack']) {
    const answer = await send(url, 'another key');
    expect(answer.status).toBe(401);
    expect(answer.text).not.toContain(challenge);
  }
});
