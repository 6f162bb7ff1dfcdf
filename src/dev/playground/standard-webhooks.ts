/**
 * Standard Webhooks, written out from its specification. Nothing of Holdfast's own signing is used:
 * the sender and the application are other people's programs, and a mistake made on both sides
 * would not show.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface SignedMessage {
  id: string;
  /** Seconds since 1970. */
  timestamp: string;
  body: Uint8Array;
}

const toleranceSeconds = 300;

/** @param secret `whsec_` and Base64 */
export function signMessage(secret: string, { id, timestamp, body }: SignedMessage): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
}

/** @param signatures the header `webhook-signature`: one or several, with spaces between them */
export function isGenuine(secret: string, message: SignedMessage, signatures: string): boolean {
  const age = Math.abs(Date.now() / 1000 - Number(message.timestamp));
  if (!/^\d+$/.test(message.timestamp) || age > toleranceSeconds) return false;
  const expected = Buffer.from(signMessage(secret, message));
  return signatures.split(' ').some((signature) => {
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}
