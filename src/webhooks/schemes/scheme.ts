import type { Handshake } from '../event';
import type { Content, WebhookRequest } from '../request';

/** Why a webhook was not let in; kept with the rejection. */
export type RejectionReason =
  | 'no_scheme'
  | 'no_secret'
  | 'missing_signature'
  | 'malformed_signature'
  | 'wrong_signature'
  | 'missing_id'
  | 'malformed_id'
  | 'missing_timestamp'
  | 'malformed_timestamp'
  | 'stale_timestamp'
  | 'future_timestamp'
  | 'wrong_audience'
  | 'wrong_sender'
  | 'unexpected_body'
  | 'account_conflict';

export interface Rejection {
  ok: false;
  reason: RejectionReason;
}

/** What a genuine request has proven itself by. */
export interface Genuine {
  ok: true;
  /** The bytes of every signature that fits, however they were written; none where the scheme signs no request. */
  signatures: readonly Buffer[];
}

export const genuine = (...signatures: readonly Buffer[]): Genuine => ({ ok: true, signatures });

export function rejection(reason: RejectionReason): Rejection {
  return { ok: false, reason };
}

/** What is found where in a genuine request. None of these ever throws, whatever the request holds. */
export interface Reading {
  /** Headers, in lower case, that prove a request: whoever has them could send it again. They are not stored. */
  proofHeaders: readonly string[];
  /** What JSON Pointers count from, where that isn't the body. */
  document?(request: WebhookRequest): Buffer;
  /** The same to one that its sender doesn't sign. Anybody gets it: it must say nothing, and nothing is stored. */
  unsignedHandshake?(request: WebhookRequest): Handshake | null;
  /** The answer to a request that isn't a webhook but a question of the sender's. */
  handshake?(request: WebhookRequest, document: Content): Handshake | null;
  /**
   * Whether a genuine request is one that the scheme's sender sends as a webhook: a secret may sign other things of the
   * vendor's too, which anybody can then post here. Absent: nothing else is signed with it, or nothing that fits.
   */
  isWebhook?(document: Content): boolean;
  /** The sender's own key of the whole request; those of events cut from it are made of it. */
  requestKey?(request: WebhookRequest): string | null;
  /** A key that stands in the event itself, and goes before the request's. */
  eventKey?(event: Content): string | null;
  eventType?(request: WebhookRequest, event: Content): string | null;
  /** What makes a type narrower; a declaration may name both, as `<type>.<action>`. */
  action?(event: Content): string | null;
  /** Whose event it is, where what the declared pointers found isn't yet the account. */
  account?(named: string, event: Content): string;
}

/**
 * How one kind of sender proves itself, and what it sends. `authenticate` may be asynchronous, for a
 * scheme that has to fetch a sender's public keys. Most schemes are a `SignatureRule`, made into this
 * by `signed`.
 */
export interface Scheme extends Reading {
  /**
   * @throws HoldfastError 503 where a sender's public keys can't be had; nothing else, whatever the
   *   request holds
   */
  authenticate(
    request: WebhookRequest,
    secrets: readonly string[],
  ): Genuine | Rejection | Promise<Genuine | Rejection>;
  /** The bytes of the signatures that a request has, genuine or not; left out where the scheme signs no request. */
  presented?(request: WebhookRequest): readonly Buffer[];
}

/** Signatures looked at in one request: a header has room for thousands, and each costs time. */
export const maxSignatures = 20;

/** What a request presents for its proof. */
export interface Presented {
  ok: true;
  /** In the scheme's encoding, without prefix; one of them has to be right. */
  signatures: readonly string[];
  /** As written in the request, because it is signed as written; null where the scheme has none. */
  timestamp: string | null;
  id: string | null;
}

/** A scheme whose signature is an HMAC: data and a few tiny functions. */
export interface SignatureRule extends Reading {
  algorithm: 'sha256' | 'sha1' | 'sha512';
  encoding: 'hex' | 'base64';
  /** How a configured secret becomes the key: its text, or Base64 after `whsec_`. */
  secretFormat: 'text' | 'whsec';
  /** Of the timestamp, where there is one. */
  timestampUnit: 'seconds' | 'milliseconds';
  toleranceSeconds: number;
  /** Takes signatures, timestamp and id out of the request. */
  read(request: WebhookRequest): Presented | Rejection;
  /** What was signed, in pieces; text is bytes as on the wire (Latin-1). */
  content(request: WebhookRequest, presented: Presented): readonly (string | Buffer)[];
}
