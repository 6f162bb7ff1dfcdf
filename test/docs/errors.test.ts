import { readFileSync } from 'node:fs';
import path from 'node:path';
import { errorStatuses } from '../../src/lib/errors';
import { deathCodes } from '../../workflows/contract/status';

const page = readFileSync(path.resolve(__dirname, '../../docs/errors.md'), 'utf8');

/** The rows of the table whose head begins with this word, without the head. */
function rowsOf(head: string): string[][] {
  const lines = page.split('\n');
  const from = lines.findIndex((line) => line.startsWith(`| ${head} |`));
  const rows = lines.slice(from + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end === -1 ? undefined : end).map((line) => line.split('|').slice(1, -1));
}

const codeIn = (cell = '') => /^ `([a-z_]+)` $/.exec(cell)?.[1] ?? `no code: ${cell}`;

test('the table of errors has every code once, in their order, with its status', () => {
  const listed = rowsOf('Code').map(([code, status]) => [codeIn(code), Number(status)]);
  expect(listed).toEqual(Object.entries(errorStatuses));
});

test('the table of reasons has every reason that an integration may have', () => {
  const listed = rowsOf('Reason').map(([code]) => codeIn(code));
  expect(listed).toEqual([...deathCodes, 'switched_off']);
});

test('every row says what it means and what to do', () => {
  const cells = [...rowsOf('Code'), ...rowsOf('Reason')].flat();
  expect(cells.filter((cell) => cell.trim() === '')).toEqual([]);
});
