import { randomBytes } from 'node:crypto';
import { sha256 } from '../crypto/hash';
import { readPointer } from '../lib/json-pointer';
import { storedText } from '../lib/storable-text';
import type { WebhookDeclaration } from '../providers/webhook-declaration';
import { keyFinder } from './dedupe-key';
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

/** A dedupe key or an event type as people see it: storable, at most 255 characters. */
export function displayText(text: string): string {
  return storedText(text, 255);
}

/**
 * What is stored of a dedupe key: its hash, which is unique (an index can't hold a key of 4 KB), and what people see. An
 * event without a key gets a hash that nothing else ever has.
 */
export function storedKey(key: string | null): { dedupeHash: Buffer; dedupeKey: string | null } {
  return key === null
    ? { dedupeHash: randomBytes(32), dedupeKey: null }
    : { dedupeHash: sha256(key), dedupeKey: displayText(key) };
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
  const keyOf = keyFinder(declaration, reading, request, parts !== null);
  const inHeader = headerAccount(declaration, request);
  const pointers = oneOrMore(declaration.accountPointer);

  function event(body: Buffer, about: Content, accountAt: readonly string[], index: number) {
    const { eventTypePointer } = declaration;
    const declared = firstTextAt(about, oneOrMore(eventTypePointer));
    const eventType = declared ?? reading.eventType?.(request, about) ?? null;
    const named = inHeader ?? firstTextAt(about, accountAt);
    return {
      body,
      dedupeKey: keyOf(about, index),
      eventType,
      account: usable(named === null ? null : (reading.account?.(named, about) ?? named)),
      foretellsDeath: isOneOf(eventType, deathEvents, () => reading.action?.(about) ?? null),
    };
  }

  if (parts !== null) {
    return parts.map((part, index) => event(part.bytes, part, pointers, index));
  }
  // Pointers that count from an event mean nothing in what could not be cut into events.
  return [event(request.body, document, eventsPointer === undefined ? pointers : [], 0)];
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
