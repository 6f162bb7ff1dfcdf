import { readPointer } from '../lib/json-pointer';
import type { WebhookDeclaration } from '../providers/webhook-declaration';
import { sliceAt } from './json-slices';
import { soleHeader, textAt, type Content, type WebhookRequest } from './request';
import type { Reading } from './schemes/scheme';

const bodyPrefix = 'body-sha256:';
const itemPrefix = 'item:';
const senderPrefix = 'sender:';

/**
 * The key of a body where repeats are known by their bytes.
 * @param hash SHA-256 of the bytes
 * @param until when the time ends within which the same bytes are a repeat
 */
export function sameBodyKey(hash: Buffer, until: string): string {
  return `${bodyPrefix}${hash.toString('hex')}@${until}`;
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

/** @returns null where repeats are known in another way, or not at all */
export function sameBodySeconds({ dedupe }: WebhookDeclaration): number | null {
  if (typeof dedupe !== 'object' || !('sameBodyWithinSeconds' in dedupe)) return null;
  return dedupe.sameBodyWithinSeconds;
}

/** @returns the event's key; null where it has none, and is new whatever came before */
type FindKey = (event: Content, index: number) => string | null;

/**
 * How the events of a request are known when they come again: by what is declared, else by the scheme's own key. There is
 * no key but the sender's: different events with the same bytes ("something changed") are the habit of many.
 * @param isCut whether it was cut into several events
 */
export function keyFinder(
  declaration: WebhookDeclaration,
  reading: Reading,
  request: WebhookRequest,
  isCut: boolean,
): FindKey {
  const { dedupe, eventsPointer } = declaration;
  const ofRequest = (key: string | null, index: number) =>
    key === null ? null : isCut ? itemKey(key, index) : senderKey(key);
  if (dedupe === undefined) {
    const requestKey = reading.requestKey?.(request) ?? null;
    return (event, index) => {
      const key = reading.eventKey?.(event) ?? null;
      return key === null ? ofRequest(requestKey, index) : senderKey(key);
    };
  }
  if (dedupe === 'none' || !('headers' in dedupe || 'pointers' in dedupe)) return () => null;
  const { headers = [], pointers = [] } = dedupe;
  const inHeaders = headers.map((name) => soleHeader(request, name) ?? null);
  if (pointers.length === 0) return (_, index) => ofRequest(joined(inHeaders), index);
  // Pointers that count from an event mean nothing in what could not be cut into events.
  if (eventsPointer !== undefined && !isCut) return () => null;
  return (event) => {
    const key = joined([...inHeaders, ...pointers.map((pointer) => valueAt(event, pointer))]);
    return key === null ? null : senderKey(key);
  };
}

/** One value as it is; of several the text of a JSON array, which no others have. Null where one is missing. */
function joined(values: readonly (string | null)[]): string | null {
  const [only] = values;
  if (values.includes(null) || only === undefined) return null;
  return values.length === 1 ? only : JSON.stringify(values);
}

/** A text, or a number, true or false as it is written. */
function valueAt(event: Content, pointer: string): string | null {
  const text = textAt(event, pointer);
  if (text !== null) return text;
  const value = readPointer(event.json, pointer);
  return typeof value === 'number' || typeof value === 'boolean'
    ? sliceAt(event.bytes, pointer).toString('latin1')
    : null;
}
