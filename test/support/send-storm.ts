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

interface Signed {
  body: string;
  headers: Record<string, string>;
}

/** Signs beforehand: what is measured is the gateway. The signatures are good for five minutes. */
function sign({ webhookSecret }: IntegrationBody, count: number): Signed[] {
  const key = Buffer.from(webhookSecret.replace('whsec_', ''), 'base64');
  const timestamp = String(Math.floor(Date.now() / 1000));
  const body = JSON.stringify({ type: 'contact.updated', note: randomUUID().repeat(27) });
  return Array.from({ length: count }, (_, index) => {
    const id = `msg_storm_${index}`;
    const signed = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`);
    return {
      body,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signed.digest('base64')}`,
      },
    };
  });
}

/** Sends as fast as it is answered, each webhook once, the same share to each gateway. */
export async function sendStorm(
  gatewayUrls: readonly string[],
  to: IntegrationBody,
  count: number,
): Promise<Storm> {
  const answers: Record<string, number> = {};
  const webhooks = sign(to, count);
  const startedAt = Date.now();
  await Promise.all(
    gatewayUrls.map(async (url, which) => {
      const pool = new Pool(url, { connections });
      let next = which;
      const send = async (): Promise<void> => {
        for (let webhook = webhooks[next]; webhook !== undefined; webhook = webhooks[next]) {
          next += gatewayUrls.length;
          const path = `/webhooks/${to.id}`;
          const { statusCode, body } = await pool.request({ method: 'POST', path, ...webhook });
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
