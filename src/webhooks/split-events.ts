import { sha256 } from '../crypto/hash';
import { readPointer } from '../lib/json-pointer';
import { storedText } from '../lib/storable-text';
import type { WebhookDeclaration } from '../providers/webhook-declaration';
import type { WebhookEvent } from './event';
import { elementSlices, sliceAt } from './json-slices';
import {
  firstTextAt,
  parsedContent,
  type Content,
  soleHeader,
  type WebhookRequest,
} from './request';
import type { Reading } from './schemes/scheme';

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

/** More than any sender puts into one request; each event costs a row. */
const maxEvents = 1_000;
/** As a credential's account. */
const maxAccountLength = 1_000;

/**
 * The events of a verified request, never none: where several were declared and there is no list of them, or
 * an empty or an endless one, the whole body is the event.
 */
export function eventsOf(
  declaration: WebhookDeclaration,
  reading: Reading,
  request: WebhookRequest,
  document: Content,
): WebhookEvent[] {
  const { eventsPointer, deathEvents = [] } = declaration;
  const parts = eventsPointer === undefined ? null : cut(document, eventsPointer);
  const requestKey = reading.requestKey?.(request) ?? null;
  const inHeader = headerAccount(declaration, request);
  const pointers = oneOrMore(declaration.accountPointer);

  function event(body: Buffer, about: Content, accountAt: readonly string[], ownKey: string) {
    const key = reading.eventKey?.(about) ?? null;
    const { eventTypePointer } = declaration;
    const declared = firstTextAt(about, oneOrMore(eventTypePointer));
    const eventType = declared ?? reading.eventType?.(request, about) ?? null;
    const named = inHeader ?? firstTextAt(about, accountAt);
    return {
      body,
      dedupeKey: key === null ? ownKey : senderKey(key),
      eventType,
      account: usable(named === null ? null : (reading.account?.(named, about) ?? named)),
      foretellsDeath: isOneOf(eventType, deathEvents, () => reading.action?.(about) ?? null),
    };
  }

  if (parts !== null) {
    return parts.map((part, index) => {
      const ownKey = requestKey === null ? bodyKey(part.bytes) : itemKey(requestKey, index);
      return event(part.bytes, part, pointers, ownKey);
    });
  }
  const ownKey = requestKey === null ? bodyKey(request.body) : senderKey(requestKey);
  // Pointers that count from an event mean nothing in what could not be cut into events.
  return [event(request.body, document, eventsPointer === undefined ? pointers : [], ownKey)];
}

/** @param action of the event; asked for only where it matters */
function isOneOf(
  type: string | null,
  types: readonly string[],
  action: () => string | null,
): boolean {
  if (type === null || types.length === 0) return false;
  return types.includes(type) || types.includes(`${type}.${action() ?? ''}`);
}

function cut(document: Content, pointer: string): Content[] | null {
  const list: unknown = readPointer(document.json, pointer);
  if (!Array.isArray(list) || list.length === 0 || list.length > maxEvents) return null;
  const slices = elementSlices(sliceAt(document.bytes, pointer));
  return slices.map((slice, index) => parsedContent(slice, list[index]));
}

/** The account that a header names for all of a request; null where none does. */
export function headerAccount(
  { accountHeader }: WebhookDeclaration,
  request: WebhookRequest,
): string | null {
  for (const name of oneOrMore(accountHeader)) {
    const value = soleHeader(request, name);
    if (value !== undefined) return value;
  }
  return null;
}

/** What no integration can have as its account is none: Postgres refuses a NUL and half a surrogate pair. */
function usable(account: string | null): string | null {
  return account !== null &&
    account.length <= maxAccountLength &&
    !/\p{Surrogate}|\0/u.test(account)
    ? account
    : null;
}

function oneOrMore(names: string | readonly string[] = []): readonly string[] {
  return typeof names === 'string' ? [names] : names;
}
