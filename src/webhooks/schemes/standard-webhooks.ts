import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { textAt, soleHeader, type WebhookRequest } from '../request';
import { signed, contentBytes, present } from '../signature';
import { createShiftCheck, signedPieces } from '../signed-id';
import {
  genuine,
  maxSignatures,
  rejection,
  type Scheme,
  type SignatureRule,
  type Genuine,
  type Rejection,
} from './scheme';

/**
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * `v1` is HMAC-SHA256 with a secret `whsec_…`, `v1a` is Ed25519 with a public key `whpk_…`; both kinds
 * may stand in one list of secrets. Signatures of other versions are passed over.
 */
export const standardWebhooks: Scheme = {
  // Destinations get all three as originals; the id and the time are signed, so that it is the same webhook again.
  proofHeaders: [],
  requestKey: (request) => soleHeader(request, 'webhook-id') ?? null,
  eventType: (_, event) => textAt(event, '/type'),
  authenticate(request, secrets) {
    const bySecret = shared.authenticate(request, secrets);
    const keys = publicKeys(secrets);
    if (keys.length === 0) return bySecret;
    const byKey = checkEd25519(rule('v1a'), request, keys);
    if (bySecret.ok) {
      return byKey.ok ? genuine(...bySecret.signatures, ...byKey.signatures) : bySecret;
    }
    // Of two rejections the one that got further says more.
    return byKey.ok || bySecret.reason !== 'wrong_signature' ? byKey : bySecret;
  },
  presented: (request) => [...shared.presented(request), ...ofKeys.presented(request)],
};

/** "Important that both the message id and the timestamp not be user controlled", says the specification: here they needn't be. */
const canShift = createShiftCheck(signedPieces('{id}.{timestamp}.{body}'));

const rule = (version: 'v1' | 'v1a'): SignatureRule => ({
  algorithm: 'sha256',
  encoding: 'base64',
  secretFormat: 'whsec',
  timestampUnit: 'seconds',
  toleranceSeconds: 300,
  read(request) {
    const header = soleHeader(request, 'webhook-signature');
    if (header === undefined) return rejection('missing_signature');
    const id = soleHeader(request, 'webhook-id');
    if (id === undefined) return rejection('missing_id');
    if (canShift(id)) return rejection('malformed_id');
    const timestamp = soleHeader(request, 'webhook-timestamp');
    if (timestamp === undefined) return rejection('missing_timestamp');
    const prefix = `${version},`;
    const signatures = header
      .split(' ', maxSignatures)
      .filter((entry) => entry.startsWith(prefix))
      .map((entry) => entry.slice(prefix.length));
    if (signatures.length === 0) return rejection('malformed_signature');
    return { ok: true, signatures, timestamp, id };
  },
  proofHeaders: [],
  content: (request, { id, timestamp }) => [`${id ?? ''}.${timestamp ?? ''}.`, request.body],
});

const shared = signed(rule('v1'));
const ofKeys = signed(rule('v1a'));

const prefix = 'whpk_';
/** 32 and 64 bytes in Base64 (RFC 8032 section 5.1). */
const keyShape = /^[A-Za-z0-9+/]{43}=$/;
const signatureShape = /^[A-Za-z0-9+/]{86}==$/;

/** Whether a secret is none, but a public key: `whpk_` and 32 bytes in Base64. */
export const isPublicKey = (secret: string): boolean =>
  secret.startsWith(prefix) && keyShape.test(secret.slice(prefix.length));

/** The public keys among secrets of all kinds. */
function publicKeys(secrets: readonly string[]): KeyObject[] {
  return secrets
    .filter(isPublicKey)
    .map((secret) => secret.slice(prefix.length))
    .map((encoded) => {
      const x = Buffer.from(encoded, 'base64').toString('base64url');
      return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    });
}

/** Whether one of a request's signatures is by one of the keys. */
function checkEd25519(
  rule: SignatureRule,
  request: WebhookRequest,
  keys: readonly KeyObject[],
): Genuine | Rejection {
  const presented = present(rule, request);
  if (!presented.ok) return presented;
  const signatures = presented.signatures
    .filter((signature) => signatureShape.test(signature))
    .map((signature) => ({ signature, decoded: Buffer.from(signature, 'base64') }))
    // Several Base64 texts decode to the same bytes: one of them is the signature.
    .filter(({ signature, decoded }) => decoded.toString('base64') === signature)
    .map(({ decoded }) => decoded);
  if (signatures.length === 0) return rejection('malformed_signature');
  const bytes = Buffer.concat(contentBytes(rule, request, presented));
  const fitting = signatures.filter((signature) =>
    keys.some((key) => verify(null, bytes, key, signature)),
  );
  return fitting.length > 0 ? genuine(...fitting) : rejection('wrong_signature');
}
