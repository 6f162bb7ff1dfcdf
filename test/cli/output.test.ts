import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import path from 'node:path';
import { age, facts, isJsonWanted, linesForTerminal, table } from '../../src/cli/output';

test('columns are as wide as what stands in them, and nothing steers the terminal', () => {
  const rows = [
    ['key_1', 'ops\u001b[2J\u202e', 3],
    ['key_22', null, 0],
  ] as const;
  expect(table(['ID', 'NAME', 'N'], rows)).toBe(
    [
      'ID      NAME                N',
      'key_1   ops\\u001b[2J\\u202e  3',
      'key_22  –                   0',
      '',
    ].join('\n'),
  );
  expect(table(['ID'], [])).toBe('ID\n');
  expect(
    facts([
      ['Name', 'ops'],
      ['Gone', null],
      ['Much', 12],
    ]),
  ).toBe('  Name  ops\n  Much  12\n');
});

test('what has several lines keeps them, and nothing else', () => {
  expect(linesForTerminal('one\u001b[2J\n  two\r\u009b')).toBe(
    'one\\u001b[2J\n  two\\u000d\\u009b',
  );
});

test('JSON is for whoever asks for it, and for pipes', () => {
  const output = (isTTY: boolean | undefined) => ({ isTTY, write: () => true });
  expect(isJsonWanted({ json: false }, output(true))).toBe(false);
  expect(isJsonWanted({ json: true }, output(true))).toBe(true);
  expect(isJsonWanted({ json: false }, output(undefined))).toBe(true);
});

test('ages are said in one unit', () => {
  expect([0, 119_000, 121_000, 3 * 3_600_000, 50 * 3_600_000].map(age)).toEqual([
    ...['0 s', '119 s', '2 min', '3 h', '2 days'],
  ]);
});

test('what nobody reads, or nothing can hold, is no success', async () => {
  const run = (stdout: 'pipe' | number) =>
    spawn(process.execPath, [path.resolve(__dirname, '../../dist/src/cli.js'), 'help'], {
      stdio: ['ignore', stdout, 'pipe'],
    });
  const ended = async (child: ReturnType<typeof run>) => {
    let said = '';
    child.stderr?.on('data', (bytes: Buffer) => (said += bytes.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return [code, said];
  };
  const unread = run('pipe');
  unread.stdout?.destroy();
  expect(await ended(unread)).toEqual([141, '']);
  if (!existsSync('/dev/full')) return;
  const full = openSync('/dev/full', 'w');
  expect(await ended(run(full))).toEqual([
    1,
    expect.stringMatching(/^holdfast: Standard output can't be written: .*ENOSPC.*\n$/),
  ]);
  closeSync(full);
});
