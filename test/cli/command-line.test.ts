import { defineCommand, type Commands } from '../../src/cli/command';
import { readCommandLine, type CommandLine } from '../../src/cli/command-line';
import { commands as real } from '../../src/cli/commands';

const commands: Commands = {
  status: defineCommand({
    summary: 'says how it is',
    options: { json: { type: 'boolean', help: 'as JSON' } },
    run: () => 0,
  }),
  'keys create': defineCommand({
    summary: 'makes a key',
    options: {
      name: { type: 'string', value: '<text>', help: 'what it is called', required: true },
      expires: { type: 'string', value: '<time>', help: 'when it ends' },
    },
    run: () => 0,
  }),
  'keys revoke': defineCommand({
    summary: 'ends a key',
    positionals: ['<id>', '[reason]'],
    options: {},
    run: () => 0,
  }),
  temporal: defineCommand({ summary: 'passes on', options: {}, passesOn: true, run: () => 0 }),
};

const read = (line: string) => readCommandLine(line.split(' ').filter(Boolean), commands);
const textOf = (line: CommandLine) => ('text' in line ? line.text : undefined);

test('options and arguments come to the command that is named', () => {
  const keys = read('keys create --name ops --expires=90d');
  expect(keys).toMatchObject({
    ...{ kind: 'run', command: commands['keys create'], positionals: [] },
    values: { name: 'ops', expires: '90d' },
  });
  expect(read('status')).toMatchObject({ kind: 'run', values: { json: false } });
  expect(read('status --json')).toMatchObject({ kind: 'run', values: { json: true } });
  expect(read('keys revoke key_1 old')).toMatchObject({ positionals: ['key_1', 'old'] });
});

test.each([
  ['', 'a command is missing'],
  ['statsu', 'unknown command "statsu". Did you mean "status"?'],
  ['halp', 'unknown command "halp". Did you mean "help"?'],
  ['frobnicate', 'unknown command "frobnicate".\n'],
  ['--versoin', 'unknown option "--versoin". Did you mean "--version"?'],
  ['keys', '"keys" needs one of: create, revoke'],
  ['keys craete', 'unknown command "keys craete". Did you mean "create"?'],
  ['help sttaus', 'unknown command "sttaus". Did you mean "status"?'],
  ['status --jsn', 'unknown option "--jsn". Did you mean "--json"?'],
  ['status -x', 'unknown option "-x".'],
  ['status --json=yes', '--json takes no value'],
  ['status now', 'unexpected argument: now'],
  ['keys create', '--name is missing'],
  ['keys create --name', '--name needs a value: --name <text>'],
  ['keys create --name --expires 1d', '--name needs a value: --name <text>'],
  ['keys revoke', '<id> is missing'],
  ['status --__proto__', 'unknown option "--__proto__".'],
  ['constructor', 'unknown command "constructor".'],
])('"%s" is answered with what is wrong, and how it is used', (line, said) => {
  const answer = read(line);
  expect(answer).toMatchObject({ kind: 'wrong', text: expect.stringContaining(said) as unknown });
  expect(textOf(answer)).toContain('Usage: holdfast ');
});

test.each([
  ['help', 'Usage: holdfast <command>'],
  ['--help', 'Usage: holdfast <command>'],
  ['help status', 'Usage: holdfast status [--json]\n\nSays how it is.\n\n  --json  as JSON\n'],
  ['status --help', 'Usage: holdfast status [--json]'],
  ['status --jsn -h', 'Usage: holdfast status [--json]'],
  ['keys --help', 'Usage: holdfast keys <command>\n\n  keys create  makes a key\n'],
  ['help keys', 'Usage: holdfast keys <command>'],
  ['help keys create', 'Usage: holdfast keys create --name <text> [--expires <time>]'],
  ['keys revoke --help', 'Usage: holdfast keys revoke <id> [reason]'],
  ['help temporal', 'Usage: holdfast temporal …'],
])('"%s" is help', (line, said) => {
  expect(read(line)).toMatchObject({
    kind: 'help',
    text: expect.stringContaining(said) as unknown,
  });
});

test('what another program is passed comes untouched', () => {
  const positionals = ['--help', '-x', 'workflow', '--', '--json'];
  expect(read(`temporal ${positionals.join(' ')}`)).toMatchObject({ kind: 'run', positionals });
});

test('every command has its help, in the list too', () => {
  const overview = textOf(readCommandLine(['help'], real)) ?? '';
  for (const [name, { summary }] of Object.entries<Commands[string]>(real)) {
    expect(overview).toContain(summary);
    const help = readCommandLine(['help', ...name.split(' ')], real);
    expect(textOf(help)).toContain(`Usage: holdfast ${name}`);
  }
});
