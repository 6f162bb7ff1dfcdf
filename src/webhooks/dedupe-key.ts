import { sha256 } from '../crypto/hash';
import { storedText } from '../lib/storable-text';

const bodyPrefix = 'body-sha256:';
const itemPrefix = 'item:';
const senderPrefix = 'sender:';

/**
 * The key of a sender that names none. Its retries carry the same bytes, so they are known as
 * duplicates. What follows: two *different* events with the same bytes (a bare "something changed")
 * count as one for as long as the first is kept.
 */
export function bodyKey(body: Buffer): string {
  return bodyPrefix + sha256(body).toString('hex');
}

/** A sender's own key; one that looks like a key of ours is marked, so that none can be forged. */
export function senderKey(key: string): string {
  const looksLikeOurs = [bodyPrefix, itemPrefix, senderPrefix].some((own) => key.startsWith(own));
  return looksLikeOurs ? senderPrefix + key : key;
}

/** The key of an event in a request with a key of its own: the sender repeats requests as they were. */
export function itemKey(requestKey: string, index: number): string {
  return `${itemPrefix}${String(index)}:${requestKey}`;
}

/** What is stored and unique (32 bytes): an index can't hold a key of 4 KB. */
export function dedupeHash(dedupeKey: string): Buffer {
  return sha256(dedupeKey);
}

/** A dedupe key or an event type as people see it: storable, at most 255 characters. */
export function displayText(text: string): string {
  return storedText(text, 255);
}
