import { createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookRequest } from './request';
import {
  genuine,
  rejection,
  type Genuine,
  type Presented,
  type Rejection,
  type Scheme,
  type SignatureRule,
} from './schemes/scheme';

const shapes = { hex: /^[0-9a-f]+$/, base64: /^[A-Za-z0-9+/]+={0,2}$/ };

interface SignedScheme extends Scheme {
  authenticate(request: WebhookRequest, secrets: readonly string[]): Genuine | Rejection;
  presented(request: WebhookRequest): readonly Buffer[];
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
    presented: (request) => {
      const presented = rule.read(request);
      if (!presented.ok) return [];
      const wellFormed = presented.signatures.filter((one) => shapes[rule.encoding].test(one));
      return wellFormed.map((one) => Buffer.from(one, rule.encoding));
    },
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
): Genuine | Rejection {
  if (keys.length === 0) return rejection('no_secret');
  const presented = present(rule, request);
  return presented.ok ? checkSignature(rule, request, presented, keys) : presented;
}

/** What a request presents, once its signatures were found and its time is near enough. */
export function present(rule: SignatureRule, request: WebhookRequest): Presented | Rejection {
  const presented = rule.read(request);
  if (!presented.ok) return presented;
  if (presented.signatures.length === 0) return rejection('missing_signature');
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
): Genuine | Rejection {
  const expected = keys.map((key) => Buffer.from(hmac(rule, key, request, presented), 'latin1'));
  const length = expected[0]?.length;
  const wellFormed = presented.signatures.filter(
    (signature) => signature.length === length && shapes[rule.encoding].test(signature),
  );
  if (wellFormed.length === 0) return rejection('malformed_signature');
  // Every pair is compared, so that the time taken doesn't tell which secret was nearer. The
  // encoded forms are compared: several Base64 texts decode to the same bytes.
  const fitting = wellFormed.filter((signature) => {
    const bytes = Buffer.from(signature, 'latin1');
    let matches = 0;
    for (const candidate of expected) matches += timingSafeEqual(bytes, candidate) ? 1 : 0;
    return matches > 0;
  });
  if (fitting.length === 0) return rejection('wrong_signature');
  return genuine(...fitting.map((signature) => Buffer.from(signature, rule.encoding)));
}

function hmac(rule: SignatureRule, key: Buffer, request: WebhookRequest, presented: Presented) {
  const digest = createHmac(rule.algorithm, key);
  for (const piece of contentBytes(rule, request, presented)) digest.update(piece);
  return digest.digest(rule.encoding);
}

/**
 * Plain decimal digits only: `parseInt` and `Number` would also take `1795237069abc` or `0x6b`,
 * and then the time that was checked is not the text that was signed. Nor zeros at the beginning, which could be the last
 * digits of a body that is signed in front of it.
 */
const plainDigits = /^[1-9][0-9]{0,14}$/;

/**
 * @param timestamp as written in the request
 * @returns a rejection where it is malformed, or further from now than the tolerance either way
 */
function checkTimestamp(
  timestamp: string,
  unit: 'seconds' | 'milliseconds',
  toleranceSeconds: number,
  nowMs: number,
): Rejection | null {
  if (!plainDigits.test(timestamp)) return rejection('malformed_timestamp');
  const seconds = unit === 'seconds' ? Number(timestamp) : Math.floor(Number(timestamp) / 1000);
  const ageSeconds = Math.floor(nowMs / 1000) - seconds;
  if (ageSeconds > toleranceSeconds) return rejection('stale_timestamp');
  if (-ageSeconds > toleranceSeconds) return rejection('future_timestamp');
  return null;
}

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

/** A message of ours. */
interface Signable {
  /** The same at every attempt: the receiver's idempotency key. */
  id: string;
  body: Uint8Array;
  /** `whsec_…`; one signature for each, so that a receiver goes on verifying during a rotation. */
  secrets: readonly string[];
  /** Of this attempt. */
  now: Date;
}

/** The headers of Standard Webhooks. */
interface SignatureHeaders extends Record<string, string> {
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
