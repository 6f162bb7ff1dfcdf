import type { WebhookEvent } from '../../src/webhooks/event';
import type { WebhookRequest } from '../../src/webhooks/request';

export const nowMs = 1_614_265_330_000;
export const address = 'https://hooks.example/webhooks/int_1';

/** A POST received at the time of the vectors, unless said otherwise. */
export function webhook(
  headers: readonly (readonly [string, string])[],
  body: string | Uint8Array,
  receivedMs = nowMs,
): WebhookRequest {
  return {
    method: 'POST',
    url: address,
    rawHeaders: headers.flat(),
    body: Buffer.from(body),
    nowMs: receivedMs,
  };
}

/** What a verified request with one event comes to; its body and account where they are given. */
export function oneEvent(event: Partial<WebhookEvent>): unknown {
  const events: unknown[] = [expect.objectContaining(event)];
  return expect.objectContaining({
    ...{ ok: true, declaration: expect.anything() as unknown, handshake: null, events },
  });
}
