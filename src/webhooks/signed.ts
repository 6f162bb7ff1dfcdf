import { createHmac } from 'node:crypto';
import { equalSecrets } from '../crypto/hash';
import type { WebhookRequest } from './request';
import { refusal, type Presented, type Refusal, type Scheme, type SignatureRule } from './scheme';
import { secretKey } from './secret-key';
import { checkTimestamp } from './timestamp';

const shapes = { hex: /^[0-9a-f]+$/, base64: /^[A-Za-z0-9+/]+={0,2}$/ };

interface SignedScheme extends Scheme {
  authenticate(request: WebhookRequest, secrets: readonly string[]): Refusal | null;
}

/** The scheme that a signature rule describes. */
export function signed(rule: SignatureRule): SignedScheme {
  return { ...rule, authenticate: (request, secrets) => authenticate(rule, request, secrets) };
}

function authenticate(
  rule: SignatureRule,
  request: WebhookRequest,
  secrets: readonly string[],
): Refusal | null {
  const keys = secrets
    .map((secret) => secretKey(secret, rule.secretFormat))
    .filter((key) => key !== undefined);
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
  const expected = keys.map((key) => hmac(rule, key, request, presented));
  const length = expected[0]?.length;
  const wellFormed = presented.signatures.filter(
    (signature) => signature.length === length && shapes[rule.encoding].test(signature),
  );
  if (wellFormed.length === 0) return refusal('malformed_signature');
  // Every pair is compared, so that the time taken doesn't tell which secret was nearer. The
  // encoded forms are compared: several Base64 texts decode to the same bytes.
  let matches = 0;
  for (const signature of wellFormed) {
    for (const candidate of expected) matches += equalSecrets(signature, candidate) ? 1 : 0;
  }
  return matches > 0 ? null : refusal('wrong_signature');
}

function hmac(rule: SignatureRule, key: Buffer, request: WebhookRequest, presented: Presented) {
  const digest = createHmac(rule.algorithm, key);
  for (const piece of contentBytes(rule, request, presented)) digest.update(piece);
  return digest.digest(rule.encoding);
}
