/**
 * Finds parts of a JSON text as the bytes that they were written in: what is parsed and written again
 * loses the digits of large numbers, and with them the ids of other people's rows.
 *
 * Only for texts that `JSON.parse` has taken: it is the judge of what is JSON. Linear in the text's length.
 * Bytes that aren't UTF-8 do no harm: they can only stand within strings.
 */

const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;

const isSpace = (byte: number | undefined) =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

export interface Member {
  name: string;
  value: Buffer;
}

/** The elements of a JSON array; of anything else none. */
export function elementSlices(text: Buffer): Buffer[] {
  const slices: Buffer[] = [];
  let at = skipSpace(text, 0);
  if (text[at] !== openBracket) return slices;
  at = skipSpace(text, at + 1);
  while (at < text.length && text[at] !== closeBracket) {
    const end = skipValue(text, at);
    slices.push(text.subarray(at, end));
    at = skipSeparator(text, end, comma);
  }
  return slices;
}

/** The members of a JSON object, in their order, repeated names too; of anything else none. */
export function memberSlices(text: Buffer): Member[] {
  const members: Member[] = [];
  let at = skipSpace(text, 0);
  if (text[at] !== openBrace) return members;
  at = skipSpace(text, at + 1);
  while (at < text.length && text[at] !== closeBrace) {
    const nameEnd = skipValue(text, at);
    const name = JSON.parse(text.toString('utf8', at, nameEnd)) as string;
    const start = skipSeparator(text, nameEnd, colon);
    const end = skipValue(text, start);
    members.push({ name, value: text.subarray(start, end) });
    at = skipSeparator(text, end, comma);
  }
  return members;
}

/** What a JSON Pointer (RFC 6901) points at, which has to be there. Of repeated names the last counts. */
export function sliceAt(text: Buffer, pointer: string): Buffer {
  let slice = text;
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    const found =
      slice[skipSpace(slice, 0)] === openBracket
        ? elementSlices(slice)[Number(name)]
        : memberSlices(slice).findLast((member) => member.name === name)?.value;
    slice = found ?? Buffer.alloc(0);
  }
  const start = skipSpace(slice, 0);
  return slice.subarray(start, skipValue(slice, start));
}

function skipSpace(text: Buffer, from: number): number {
  let at = from;
  while (isSpace(text[at])) at++;
  return at;
}

function skipSeparator(text: Buffer, from: number, separator: number): number {
  const at = skipSpace(text, from);
  return text[at] === separator ? skipSpace(text, at + 1) : at;
}

/** The index after the value that begins at `start`; always further on, so that no loop can stand still. */
function skipValue(text: Buffer, start: number): number {
  const first = text[start];
  if (first === quote) return skipString(text, start);
  if (first === openBrace || first === openBracket) return skipNested(text, start);
  let at = start + 1;
  while (at < text.length && !endsPlainValue(text[at])) at++;
  return at;
}

function endsPlainValue(byte: number | undefined): boolean {
  return (
    isSpace(byte) ||
    byte === comma ||
    byte === colon ||
    byte === closeBrace ||
    byte === closeBracket
  );
}

function skipString(text: Buffer, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === backslash) at++;
    else if (text[at] === quote) return at + 1;
  }
  return text.length;
}

function skipNested(text: Buffer, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const byte = text[at];
    at = byte === quote ? skipString(text, at) : at + 1;
    if (byte === openBrace || byte === openBracket) depth++;
    else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) return at;
  }
  return at;
}
