import { readPointer } from '../lib/json-pointer';
import { sliceAt } from './json-slices';

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
