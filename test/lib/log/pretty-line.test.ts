import { createLog } from '../../../src/lib/log';
import { prettyLine } from '../../../src/lib/log/pretty-line';

/** A line as a terminal gets it. */
function shown(fields: object, isColored = false): string {
  const lines: string[] = [];
  const log = createLog('debug', { write: (line) => lines.push(line) });
  log.warn({ event: 'delivery.dead_lettered', ...fields }, 'A delivery is a dead letter');
  return prettyLine(lines[0] ?? '', isColored);
}

test('a line for eyes: time, level, sentence, event, fields', () => {
  expect(
    shown({ integrationId: 'int_1', attempt: 3, error: 'The destination answered 400' }),
  ).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} WARN {2}A delivery is a dead letter delivery\.dead_lettered integrationId=int_1 attempt=3 error="The destination answered 400"\n$/,
  );
});

test('only the level is coloured, and nothing where colours are not wanted', () => {
  expect(shown({}, true)).toContain('\u001b[33mWARN \u001b[0m');
  expect(shown({})).not.toContain('\u001b');
});

test.each([
  ['a command for the terminal', '\u001b]0;owned\u0007\u001b[2J'],
  ['a new line', 'fine\n12:00:00.000 ERROR forged'],
  ['a carriage return', 'x\rforged'],
  ['a C1 control', '\u009b2J'],
  ['text turned around', '\u202egnp.exe'],
  ['a line separator', 'a\u2028b'],
  ['half a character', '\ud800'],
  ['a tag beyond the first plane', '\u{e0041}'],
])('%s is shown, not obeyed', (_what, text) => {
  for (const fields of [{ error: text }, { [text]: 1 }, { list: [{ inner: text }] }]) {
    const line = shown(fields);
    expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(line).toMatch(/\\(u|n|r)/);
  }
});

test('the lines of a stack stand under one another, each escaped', () => {
  const line = shown({
    err: { name: 'Error', message: 'no', stack: 'Error: no\n    at \u001b[1mx' },
  });
  expect(line).toContain('"message":"no","name":"Error"}\n    Error: no\n    at \\u001b[1mx\n');
});

test('a stack without frames has no line', () => {
  expect(shown({ stack: '' })).toMatch(/^[^\n]+dead_lettered\n$/);
});

test('secrets are shown in neither form', () => {
  expect(shown({ token: 'the-token', inner: { secret: 'the-secret' } })).toMatch(
    /token="?\[redacted\]"? inner=\{"secret":"\[redacted\]"\}/,
  );
});
