const placeholder = /(\{timestamp\}|\{id\}|\{body\})/;
/** A time in seconds or milliseconds, as it is written. */
const time = '[1-9][0-9]{9,14}';

/** What is signed: literal text and placeholders in turn, text first and last; a text may be empty. */
export const signedPieces = (template: string): string[] => template.split(placeholder);

/**
 * Finds ids with which the same signed bytes can be read in two ways: `{id}.{body}` is the same for "a" and "b.c" as for
 * "a.b" and "c", so that whoever has seen one webhook could make others. An id must end where the text behind it first
 * stands, or begin where the text before it last does, if the body is what lies there. A signed time in between pins the
 * id, since none but a near one is taken; then only an id is refused that holds another time with such text around it.
 */
export function createShiftCheck(pieces: readonly string[]): (id: string) => boolean {
  const checks = pieces.flatMap((piece, at) =>
    piece === '{id}' ? [endCheck(pieces.slice(at + 1)), startCheck(pieces.slice(0, at))] : [],
  );
  return (id) => checks.some((canShift) => canShift(id));
}

type Check = (id: string) => boolean;

/** @param after text, placeholder, text, … */
function endCheck([text = '', next, textAfter = '', ...rest]: readonly string[]): Check {
  if (next === undefined) return () => false;
  if (next !== '{timestamp}') return (id) => (id + text).indexOf(text) !== id.length;
  const pattern = new RegExp(escaped(text) + time + escaped(textAfter));
  return (id) => rest.includes('{body}') && pattern.test(id + text);
}

/** @param before text, placeholder, text, …, the last of which touches the id */
function startCheck(before: readonly string[]): Check {
  const [text = '', next, textBefore = '', ...rest] = before.toReversed();
  if (next === undefined) return () => false;
  if (next !== '{timestamp}') return (id) => (text + id).lastIndexOf(text) !== 0;
  const pattern = new RegExp(escaped(textBefore) + time + escaped(text));
  return (id) => rest.includes('{body}') && pattern.test(text + id);
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
