import type { WebhookScheme } from '../providers/webhook-declaration';
import { isPublicKey } from './schemes/standard-webhooks';
import { secretKey } from './signature';

/** A newly given one has at least so many bytes: anybody can try all the shorter ones. */
export const minSecretBytes = 8;
/** Below that one is pointed out. */
export const goodSecretBytes = 16;

const publicKeyBytes = 32;

/**
 * The bytes of the key that a scheme makes of a secret.
 * @returns null where it is none
 */
export function secretLengthBytes(
  scheme: WebhookScheme['scheme'] | undefined,
  secret: string,
): number | null {
  const isStandard = scheme === 'standard-webhooks';
  if (isStandard && isPublicKey(secret)) return publicKeyBytes;
  return secretKey(secret, isStandard ? 'whsec' : 'text')?.length ?? null;
}
