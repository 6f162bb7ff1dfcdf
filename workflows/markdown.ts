/**
 * Temporal's UI renders details as Markdown, and people write into them: names, reasons, what a provider answered. Theirs
 * is shown as it was written, and is no link, image, heading or HTML. Pure.
 */

/** What separates lines, or shows as nothing. */
const invisible = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g;

/** CommonMark, 2.4: a backslash before punctuation makes it mean itself. `:` and `@` begin addresses (GFM, 6.9). */
const meaningful = /[\\`*_{}[\]<>()#|~!&:@$^=]/g;

/** On a line's first character: a list, a rule, a heading. */
const leading = /^[-+]/;

/** Text that means itself, on one line; without the spaces before it, since four of them begin code. */
export function plainText(text: string): string {
  return text
    .replace(invisible, ' ')
    .trimStart()
    .replace(meaningful, '\\$&')
    .replace(leading, '\\$&')
    .replace(/^(\d+)\./, '$1\\.')
    .replace(/\bwww\./gi, (found) => `${found.slice(0, -1)}\\.`);
}

/** Temporal takes summaries of 400 bytes at most, and fails the task of a longer one: a unit of UTF-16 has three at most. */
const longestSummary = 100;

/** What stands beside an activity or a timer, where Markdown is rendered too. */
export const summary = (text: string): string => {
  // Half a pair would be written as six bytes of JSON.
  const line = text.replace(/\p{Surrogate}/gu, '\ufffd').replace(invisible, ' ');
  return line.length > longestSummary ? `${line.slice(0, longestSummary - 1)}…` : line;
};

/** A code span (CommonMark, 6.1), whatever backticks the text has. */
export function codeSpan(text: string): string {
  const line = text.replace(invisible, ' ');
  if (!line.includes('`')) return `\`${line}\``;
  const longest = Math.max(...(line.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence} ${line} ${fence}`;
}
