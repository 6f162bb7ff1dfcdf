import type { WebhookRequest } from './request';

/** Why a webhook was not let in; kept with the rejection. */
export type RefusalReason =
  | 'no_secret'
  | 'missing_signature'
  | 'malformed_signature'
  | 'wrong_signature'
  | 'missing_id'
  | 'missing_timestamp'
  | 'malformed_timestamp'
  | 'stale_timestamp'
  | 'future_timestamp';

export interface Refusal {
  ok: false;
  reason: RefusalReason;
}

export function refusal(reason: RefusalReason): Refusal {
  return { ok: false, reason };
}

/** What a verified request says about itself; null where it doesn't. */
export interface Description {
  dedupeKey: string | null;
  eventType: string | null;
}

/**
 * How one kind of sender proves itself. `authenticate` may be asynchronous, for a scheme that has
 * to fetch a sender's public keys. Most schemes are a `SignatureRule`, made into this by `signed`.
 */
export interface Scheme {
  /** @returns null where the request is genuine. Never throws, whatever the request holds. */
  authenticate(
    request: WebhookRequest,
    secrets: readonly string[],
  ): Refusal | null | Promise<Refusal | null>;
  /** Called for genuine requests only. Never throws. */
  describe(request: WebhookRequest): Description;
}

/** What a request presents for its proof. */
export interface Presented {
  ok: true;
  /** In the scheme's encoding, without prefix; one of them has to be right. */
  signatures: readonly string[];
  /** As written in the request, because it is signed as written; null where the scheme has none. */
  timestamp: string | null;
  id: string | null;
}

/** A scheme whose signature is an HMAC: data and three tiny functions. */
export interface SignatureRule {
  algorithm: 'sha256' | 'sha1' | 'sha512';
  encoding: 'hex' | 'base64';
  /** How a configured secret becomes the key: its text, or Base64 after `whsec_`. */
  secretFormat: 'text' | 'whsec';
  /** Of the timestamp, where there is one. */
  timestampUnit: 'seconds' | 'milliseconds';
  toleranceSeconds: number;
  /** Takes signatures, timestamp and id out of the request. */
  read(request: WebhookRequest): Presented | Refusal;
  /** What was signed, in pieces; text is bytes as on the wire (Latin-1). */
  content(request: WebhookRequest, presented: Presented): readonly (string | Buffer)[];
  describe(request: WebhookRequest): Description;
}
