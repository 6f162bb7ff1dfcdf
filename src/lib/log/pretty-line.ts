const colors: Readonly<Record<string, string>> = {
  error: '\u001b[31m',
  warn: '\u001b[33m',
  info: '\u001b[36m',
  debug: '\u001b[2m',
};
const reset = '\u001b[0m';

/** Control and format characters: what people and providers write may hold commands for a terminal, or turn its text around. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

const escaped = (text: string): string =>
  text.replace(unprintable, (char) =>
    [...Array(char.length).keys()]
      .map((at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );

/** What needs no quotes to be told from what stands beside it. */
const isPlain = (text: string): boolean => /^[\p{L}\p{N}_.:/@+-]+$/u.test(text);

function shown(value: unknown): string {
  const text = typeof value === 'string' && isPlain(value) ? value : JSON.stringify(value);
  return escaped(text);
}

/** A stack's lines stand under one another. */
function frames(value: unknown): string {
  const lines = typeof value === 'string' && value !== '' ? value.split('\n') : [];
  return lines.map((line) => `\n    ${escaped(line.trim())}`).join('');
}

/**
 * A line of the log for eyes on a terminal: time, level, sentence, event and fields. Pure.
 *
 * @param json a line as pino writes it
 */
export function prettyLine(json: string, isColored: boolean): string {
  const { time, level, msg, event, err, stack, ...fields } = JSON.parse(json) as Record<
    string,
    unknown
  >;
  const failure = typeof err === 'object' && err !== null ? (err as Record<string, unknown>) : {};
  const { stack: ownStack, ...about } = failure;
  const all = {
    ...fields,
    ...(err === undefined ? {} : { err: typeof err === 'object' ? about : err }),
  };
  const name = String(level);
  const color = isColored ? (colors[name] ?? '') : '';
  const label = `${color}${escaped(name.toUpperCase().padEnd(5))}${color === '' ? '' : reset}`;
  const said = [msg, event].flatMap((part) => (typeof part === 'string' ? [escaped(part)] : []));
  const rest = Object.entries(all).map(([key, value]) => `${escaped(key)}=${shown(value)}`);
  return `${[escaped(String(time).slice(11, 23)), label, ...said, ...rest].join(' ')}${frames(stack)}${frames(ownStack)}\n`;
}
