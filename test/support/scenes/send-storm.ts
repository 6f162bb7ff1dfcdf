import { createHmac, randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import type { IntegrationBody } from './scene';

/** For each gateway: as many as a large sender keeps open. */
const connections = 25;

export interface Storm {
  /** How often each answer was given: `202 parked`. */
  answers: Record<string, number>;
  tookMs: number;
}

/** The signatures of the whole storm would not be good for as long as a slow machine takes. */
function signer({ webhookSecret }: IntegrationBody) {
  const key = Buffer.from(webhookSecret.replace('whsec_', ''), 'base64');
  const body = JSON.stringify({ type: 'contact.updated', note: randomUUID().repeat(27) });
  return (index: number) => {
    const id = `msg_storm_${index}`;
    const timestamp = String(Math.floor(Date.now() / 1000));
    const hmac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`);
    return {
      body,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${hmac.digest('base64')}`,
      },
    };
  };
}

/**
 * Sends as fast as it is answered, each webhook once, the same share to each gateway.
 * @param halfTime the second half is not begun before it
 */
export async function sendStorm(
  gatewayUrls: readonly string[],
  to: IntegrationBody,
  count: number,
  halfTime: Promise<unknown>,
): Promise<Storm> {
  const answers: Record<string, number> = {};
  const webhook = signer(to);
  const startedAt = Date.now();
  await Promise.all(
    gatewayUrls.map(async (url, which) => {
      const pool = new Pool(url, { connections });
      let next = which;
      const send = async (): Promise<void> => {
        while (next < count) {
          const index = next;
          next += gatewayUrls.length;
          if (index >= count / 2) await halfTime;
          const signed = webhook(index);
          const path = `/webhooks/${to.id}`;
          const { statusCode, body } = await pool.request({ method: 'POST', path, ...signed });
          const { outcome = '' } = (await body.json()) as { outcome?: string };
          const answer = `${statusCode} ${outcome}`;
          answers[answer] = (answers[answer] ?? 0) + 1;
        }
      };
      try {
        await Promise.all(Array.from({ length: connections }, send));
      } finally {
        await pool.close();
      }
    }),
  );
  return { answers, tookMs: Date.now() - startedAt };
}
