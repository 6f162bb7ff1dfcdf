import { type TObject, Type } from 'typebox';

/** What an index and a search attribute take (Temporal's Keyword in SQL: VARCHAR(255)). */
const maxNameBytes = 255;

/**
 * Neither control characters and line separators, nor halves of surrogate pairs, which no UTF-8 can say, nor what turns
 * the text of a page around (Unicode, Bidi_Control).
 */
const printable = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]+$/u;
const visible = /[^\p{Cf}\p{Z}]/u;

/** Whether it may be a user's id or an integration's name. Browsers take `.` and `..` out of every path. */
export const isName = (text: string | undefined): text is string =>
  text !== undefined &&
  text.length <= maxNameBytes &&
  Buffer.byteLength(text) <= maxNameBytes &&
  printable.test(text) &&
  visible.test(text) &&
  text.trim() === text &&
  text !== '.' &&
  text !== '..';

/** Formats that schemas name: what no pattern can say. */
export const formats = { name: isName };

/** A user's id or an integration's name. */
export const nameText = Type.String({
  format: 'name',
  description:
    '1 to 255 bytes of printable text without white space at its ends, and neither "." nor ".."',
});

/** A credential's name within its integration (`main`). */
export const credentialNamePattern = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$';

/** The name of one of a provider's parameters. */
export const parameterNamePattern = '^.{1,64}$';

/**
 * What a pattern says, as the end of "It must be …": people are told words, never a pattern. Of a pattern in one place
 * alone the schema's `description` says it.
 */
export function patternWords(pattern: string): string | undefined {
  // Every id begins with what it names.
  const [, kind] = /^\^([a-z]{3}_)/.exec(pattern) ?? [];
  return kind === undefined ? words[pattern] : `an id, which begins with ${kind}`;
}

const words: Readonly<Record<string, string>> = {
  [credentialNamePattern]:
    '1 to 64 letters, digits, dots, dashes and underscores, the first a letter or a digit',
  [parameterNamePattern]: '1 to 64 characters long',
};

/** Neither a NUL, which Postgres refuses (22021), nor half a surrogate pair (22P02). */
const storablePattern = '^[^\\u0000\\uD800-\\uDFFF]*$';

/** Text for people, as far as Postgres takes it. */
export function freeText(maxLength: number) {
  const description = `text of 1 to ${maxLength} characters, without NUL or half of a surrogate pair`;
  return Type.String({ minLength: 1, maxLength, pattern: storablePattern, description });
}

/** The characters that RFC 6749 appendix A allows in tokens, and that a header can carry. */
export function printableText(maxLength: number) {
  const description = `1 to ${maxLength} printable ASCII characters`;
  return Type.String({ minLength: 1, maxLength, pattern: '^[\\x20-\\x7E]*$', description });
}

/** One of some words, with an error that lists them. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return Type.Unsafe<Words[number]>({ type: 'string', enum: words });
}

/** A body that may be left out: Fastify validates the absent one as null. */
export function optionalBody<Body extends TObject>(body: Body) {
  return Type.Union([body, Type.Null()]);
}
