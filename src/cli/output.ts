import type { Environment } from '../config';
import { unknownVariableLines } from '../config/unknown-variables';

/** Where a command prints to. */
export interface Output {
  write(text: string): unknown;
  /** Set where a person reads it. */
  isTTY?: boolean | undefined;
}

/** On standard error: what is mistyped may be where the command was to go. */
export function sayUnknownVariables(env: Environment): void {
  for (const line of unknownVariableLines(env)) {
    process.stderr.write(`holdfast: ${linesForTerminal(line)}\n`);
  }
}

/** Lists and single things: a table for eyes, one JSON object with `--json` or in a pipe. */
export function isJsonWanted({ json }: { json: boolean }, { isTTY }: Output): boolean {
  return json || isTTY !== true;
}

export const printJson = (output: Output, value: unknown) =>
  output.write(`${JSON.stringify(value)}\n`);

type Cell = string | number | boolean | null | undefined;

/** Columns as wide as what stands in them; what isn't there is a dash. */
export function table(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [heads, ...rows].map((row) => row.map(cellText));
  const widths = heads.map((_head, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines.map((line) => `${padded(line, widths)}\n`).join('');
}

/** Names and what they stand for, a line each; none for what isn't there. */
export function facts(rows: readonly (readonly [string, Cell])[]): string {
  const shown = rows.filter(([, value]) => value !== null && value !== undefined);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `  ${name.padEnd(width)}  ${cellText(value)}\n`).join('');
}

const padded = (line: readonly string[], widths: readonly number[]) =>
  line
    .map((text, at) => text.padEnd(widths[at] ?? 0))
    .join('  ')
    .trimEnd();

function cellText(value: Cell): string {
  if (value === null || value === undefined || value === '') return '–';
  return forTerminal(String(value));
}

/**
 * What others have written must not steer the terminal: control characters (a name may hold an escape sequence) and what
 * turns a line around are shown as `\u001b`.
 */
export function forTerminal(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The same for what has several lines. */
export const linesForTerminal = (text: string) => text.split('\n').map(forTerminal).join('\n');

/** `2026-11-30T08:00:00.000Z (3 h ago)` */
export function withAge(at: string | null, now: number): string | null {
  return at === null ? null : `${at} (${age(now - Date.parse(at))} ago)`;
}

/** `3 h`, of milliseconds. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800
    ? `${Math.round(seconds / 3600)} h`
    : `${Math.round(seconds / 86_400)} days`;
}

/** `1 thing`, `3 things`. */
export const several = (number: number, what: string) =>
  `${number} ${what}${number === 1 ? '' : 's'}`;
