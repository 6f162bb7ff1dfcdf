import { createHmac } from 'node:crypto';
import { secretKey } from './secret-key';

/** A message of ours. */
export interface Signable {
  /** The same at every attempt: the receiver's idempotency key. */
  id: string;
  body: Uint8Array;
  /** `whsec_…`; one signature for each, so that a receiver goes on verifying during a rotation. */
  secrets: readonly string[];
  /** Of this attempt. */
  now: Date;
}

/** The headers of Standard Webhooks. */
export interface SignatureHeaders extends Record<string, string> {
  'webhook-id': string;
  'webhook-timestamp': string;
  'webhook-signature': string;
}

/**
 * Signs as Standard Webhooks (`v1`, HMAC-SHA256 over `id.timestamp.body`).
 * @throws Error where there is no secret, or one that is none: nothing leaves unsigned
 */
export function signStandardWebhook({ id, body, secrets, now }: Signable): SignatureHeaders {
  if (secrets.length === 0) throw new Error('There is no secret to sign with');
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const key = secretKey(secret, 'whsec');
    if (key === undefined) throw new Error('A secret to sign with is not whsec_ and Base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
