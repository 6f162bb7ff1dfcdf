import { type TObject, Type } from 'typebox';

const namePattern = '^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$';

/** A user's id or an integration's name; also safe in a path and a header. */
export const nameText = Type.String({ pattern: namePattern });

export const isName = (text: string | undefined): text is string =>
  text !== undefined && new RegExp(namePattern).test(text);

/** A credential's name within its integration (`main`). */
export const credentialNamePattern = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$';

/** Neither a NUL, which Postgres refuses (22021), nor half a surrogate pair (22P02). */
export const storablePattern = '^[^\\u0000\\uD800-\\uDFFF]*$';

/** Text for people, as far as Postgres takes it. */
export function freeText(maxLength: number) {
  return Type.String({ minLength: 1, maxLength, pattern: storablePattern });
}

/** The characters that RFC 6749 appendix A allows in tokens, and that a header can carry. */
export function printableText(maxLength: number) {
  return Type.String({ minLength: 1, maxLength, pattern: '^[\\x20-\\x7E]*$' });
}

/** One of some words, with an error that lists them. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return Type.Unsafe<Words[number]>({ type: 'string', enum: words });
}

/** A body that may be left out: Fastify validates the absent one as null. */
export function optionalBody<Body extends TObject>(body: Body) {
  return Type.Union([body, Type.Null()]);
}
