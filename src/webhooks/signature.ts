import { createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookRequest } from '../request';
import { refusal, type Presented, type Refusal, type Scheme, type SignatureRule } from './scheme';
import { secretKey } from '../secret-key';
import { checkTimestamp } from './timestamp';

const shapes = { hex: /^[0-9a-f]+$/, base64: /^[A-Za-z0-9+/]+={0,2}$/ };

interface SignedScheme extends Scheme {
  authenticate(request: WebhookRequest, secrets: readonly string[]): Refusal | null;
}

/** The scheme that a signature rule describes. */
export function signed(rule: SignatureRule): SignedScheme {
  // The same list comes with every request for as long as an integration's secrets are known.
  const known = new WeakMap<readonly string[], readonly Buffer[]>();
  const keysOf = (secrets: readonly string[]) => {
    const keys = known.get(secrets) ?? secretKeys(rule, secrets);
    known.set(secrets, keys);
    return keys;
  };
  return {
    ...rule,
    authenticate: (request, secrets) => authenticate(rule, request, keysOf(secrets)),
  };
}

function secretKeys(rule: SignatureRule, secrets: readonly string[]): Buffer[] {
  return secrets
    .map((secret) => secretKey(secret, rule.secretFormat))
    .filter((key) => key !== undefined);
}

function authenticate(
  rule: SignatureRule,
  request: WebhookRequest,
  keys: readonly Buffer[],
): Refusal | null {
  if (keys.length === 0) return refusal('no_secret');
  const presented = present(rule, request);
  return presented.ok ? checkSignature(rule, request, presented, keys) : presented;
}

/** What a request presents, once its signatures were found and its time is near enough. */
export function present(rule: SignatureRule, request: WebhookRequest): Presented | Refusal {
  const presented = rule.read(request);
  if (!presented.ok) return presented;
  if (presented.signatures.length === 0) return refusal('missing_signature');
  const { timestamp } = presented;
  if (timestamp === null) return presented;
  const { timestampUnit, toleranceSeconds } = rule;
  return checkTimestamp(timestamp, timestampUnit, toleranceSeconds, request.nowMs) ?? presented;
}

/** What was signed, in pieces. */
export function contentBytes(
  rule: SignatureRule,
  request: WebhookRequest,
  presented: Presented,
): Buffer[] {
  return rule
    .content(request, presented)
    .map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece));
}

function checkSignature(
  rule: SignatureRule,
  request: WebhookRequest,
  presented: Presented,
  keys: readonly Buffer[],
): Refusal | null {
  const expected = keys.map((key) => Buffer.from(hmac(rule, key, request, presented), 'latin1'));
  const length = expected[0]?.length;
  const wellFormed = presented.signatures.filter(
    (signature) => signature.length === length && shapes[rule.encoding].test(signature),
  );
  if (wellFormed.length === 0) return refusal('malformed_signature');
  // Every pair is compared, so that the time taken doesn't tell which secret was nearer. The
  // encoded forms are compared: several Base64 texts decode to the same bytes.
  let matches = 0;
  for (const signature of wellFormed) {
    const bytes = Buffer.from(signature, 'latin1');
    for (const candidate of expected) matches += timingSafeEqual(bytes, candidate) ? 1 : 0;
  }
  return matches > 0 ? null : refusal('wrong_signature');
}

function hmac(rule: SignatureRule, key: Buffer, request: WebhookRequest, presented: Presented) {
  const digest = createHmac(rule.algorithm, key);
  for (const piece of contentBytes(rule, request, presented)) digest.update(piece);
  return digest.digest(rule.encoding);
}
