import { readPointer } from '../lib/json-pointer';
import { sliceAt } from './json-slices';

/** A webhook as it came over the wire. */
export interface WebhookRequest {
  method: string;
  /** The whole address that the sender called, as it is known to the sender: some sign it. */
  url: string;
  /** Name, value, name, value, … as Node's `rawHeaders` has them: nothing merged, nothing dropped. */
  rawHeaders: readonly string[];
  /** The bytes as received; signatures are over these, never over parsed or re-encoded ones. */
  body: Buffer;
  /** When it was received, milliseconds since 1970. */
  nowMs: number;
}

/**
 * The value of a header that must stand there once.
 * @returns undefined where it is missing, empty, or there twice: two readers could then disagree
 *   on which of them was signed
 */
export function soleHeader(
  request: Pick<WebhookRequest, 'rawHeaders'>,
  name: string,
): string | undefined {
  const wanted = name.toLowerCase();
  const { rawHeaders } = request;
  let found: string | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const header = rawHeaders[index] ?? '';
    // Lower case is never shorter or longer in a header's name (RFC 9110 section 5.1), and takes time.
    if (header.length !== wanted.length || header.toLowerCase() !== wanted) continue;
    if (found !== undefined) return undefined;
    found = rawHeaders[index + 1];
  }
  return found === '' ? undefined : found;
}

/** A request's or an event's own bytes, and what they say if they are JSON. */
export interface Content {
  bytes: Buffer;
  /** Parsed when it is first asked for; `undefined` where the bytes are no JSON. */
  readonly json: unknown;
}

export function content(bytes: Buffer): Content {
  let parsed: { json: unknown } | undefined;
  return {
    bytes,
    get json() {
      parsed ??= { json: parse(bytes) };
      return parsed.json;
    },
  };
}

/** Parsed as part of another one. */
export function parsedContent(bytes: Buffer, json: unknown): Content {
  return { bytes, json };
}

/**
 * The text under a JSON Pointer (RFC 6901); a whole number is its digits as they were written, however
 * large. Null where there is neither, or an empty text. Never throws.
 */
export function textAt(source: Content, pointer: string): string | null {
  const value = readPointer(source.json, pointer);
  if (typeof value === 'string') return value === '' ? null : value;
  if (typeof value !== 'number') return null;
  if (Number.isSafeInteger(value)) return String(value);
  const digits = sliceAt(source.bytes, pointer).toString('latin1');
  return /^-?\d{1,100}$/.test(digits) ? digits : null;
}

/** The first of several pointers that holds a text. */
export function firstTextAt(source: Content, pointers: readonly string[]): string | null {
  for (const pointer of pointers) {
    const text = textAt(source, pointer);
    if (text !== null) return text;
  }
  return null;
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
