import { createHmac, randomUUID } from 'node:crypto';
import type { GatewayFixture } from '../gateway-fixture';

export interface SentWebhook {
  status: number;
  retryAfter: unknown;
  body: {
    id?: string;
    outcome?: string;
    deliveries?: { id: string; outcome: string }[];
    error?: { code: string };
  };
}

/** Posts a webhook signed as GitHub does, through the app's own injection: no socket, no worker. */
export async function sendGithub(
  { app }: Pick<GatewayFixture, 'app'>,
  url: string,
  secret: string,
  options: { id?: string; body?: string; remoteAddress?: string } = {},
): Promise<SentWebhook> {
  const { id = randomUUID(), body = '{}', remoteAddress = '127.0.0.1' } = options;
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const answer = await app.inject({
    method: 'POST',
    url,
    remoteAddress,
    headers: {
      'content-type': 'application/json',
      'x-github-delivery': id,
      'x-hub-signature-256': `sha256=${signature}`,
    },
    payload: body,
  });
  return {
    status: answer.statusCode,
    retryAfter: answer.headers['retry-after'],
    body: JSON.parse(answer.body) as SentWebhook['body'],
  };
}
