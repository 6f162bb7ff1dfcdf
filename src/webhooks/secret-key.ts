import type { SignatureRule } from './schemes/scheme';

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/**
 * The HMAC key of a configured secret.
 * @returns undefined where it is none. An empty key counts as none: anyone can sign with it.
 */
export function secretKey(
  secret: string,
  format: SignatureRule['secretFormat'],
): Buffer | undefined {
  const key = format === 'text' ? Buffer.from(secret, 'utf8') : whsecKey(secret);
  return key === undefined || key.length === 0 ? undefined : key;
}

/** Standard Webhooks, "Signature scheme": `whsec_` and the key in Base64; the prefix may be absent. */
function whsecKey(secret: string): Buffer | undefined {
  const encoded = secret.startsWith('whsec_') ? secret.slice('whsec_'.length) : secret;
  return base64.test(encoded) ? Buffer.from(encoded, 'base64') : undefined;
}
