import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { WebhookRequest } from '../request';
import { refusal, type Refusal, type SignatureRule } from './scheme';
import { contentBytes, present } from './hmac-signature';

const prefix = 'whpk_';
/** 32 and 64 bytes in Base64 (RFC 8032 section 5.1). */
const keyShape = /^[A-Za-z0-9+/]{43}=$/;
const signatureShape = /^[A-Za-z0-9+/]{86}==$/;

/** The public keys (`whpk_` and 32 bytes in Base64) among secrets of all kinds. */
export function publicKeys(secrets: readonly string[]): KeyObject[] {
  return secrets
    .filter((secret) => secret.startsWith(prefix))
    .map((secret) => secret.slice(prefix.length))
    .filter((encoded) => keyShape.test(encoded))
    .map((encoded) => {
      const x = Buffer.from(encoded, 'base64').toString('base64url');
      return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    });
}

/** Whether one of a request's signatures is by one of the keys. */
export function checkEd25519(
  rule: SignatureRule,
  request: WebhookRequest,
  keys: readonly KeyObject[],
): Refusal | null {
  const presented = present(rule, request);
  if (!presented.ok) return presented;
  const signatures = presented.signatures
    .filter((signature) => signatureShape.test(signature))
    .map((signature) => ({ signature, decoded: Buffer.from(signature, 'base64') }))
    // Several Base64 texts decode to the same bytes: one of them is the signature.
    .filter(({ signature, decoded }) => decoded.toString('base64') === signature)
    .map(({ decoded }) => decoded);
  if (signatures.length === 0) return refusal('malformed_signature');
  const bytes = Buffer.concat(contentBytes(rule, request, presented));
  const isGenuine = signatures.some((signature) =>
    keys.some((key) => verify(null, bytes, key, signature)),
  );
  return isGenuine ? null : refusal('wrong_signature');
}
