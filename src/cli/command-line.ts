import { parseArgs } from 'node:util';
import { didYouMean } from '../lib/nearest';
import type { Command, Commands, Options, Values } from './command';
import { commandHelp, groupHelp, overview, usageOf } from './help';

/** What the words after `holdfast` ask for. */
export type CommandLine =
  | { kind: 'run'; command: Command; values: Values<Options>; positionals: readonly string[] }
  | { kind: 'help'; text: string }
  | { kind: 'version' }
  /** With how it is used. */
  | { kind: 'wrong'; text: string };

const helpFlags = ['--help', '-h'];
const versionFlags = ['--version', '-V'];

/** Pure. */
export function readCommandLine(args: readonly string[], commands: Commands): CommandLine {
  const [first] = args;
  if (first === undefined) return wrong('a command is missing', overview(commands));
  if (helpFlags.includes(first)) return { kind: 'help', text: overview(commands) };
  if (versionFlags.includes(first)) return { kind: 'version' };
  if (first === 'help') return readHelp(args.slice(1), commands);
  if (first.startsWith('-')) {
    const meant = didYouMean(first, ['--help', '--version']);
    return wrong(`unknown option "${first}".${meant}`, overview(commands));
  }
  const named = find(args, commands);
  if (named.kind === 'unknown') return named.answer;
  const { name, command } = named;
  const rest = args.slice(name.split(' ').length);
  if (command.passesOn) return { kind: 'run', command, values: {}, positionals: rest };
  return readRest(name, command, rest);
}

type Found =
  { kind: 'found'; name: string; command: Command } | { kind: 'unknown'; answer: CommandLine };

function find([first = '', second]: readonly string[], commands: Commands): Found {
  for (const name of [`${first} ${second ?? ''}`, first]) {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command !== undefined) return { kind: 'found', name, command };
  }
  const unknown = (answer: CommandLine): Found => ({ kind: 'unknown', answer });
  const subcommands = subcommandsOf(first, commands);
  if (subcommands.length === 0) {
    const known = ['help', ...Object.keys(commands).map((name) => name.split(' ')[0] ?? '')];
    const text = `unknown command "${first}".${didYouMean(first, known)}`;
    return unknown(wrong(text, overview(commands)));
  }
  const help = groupHelp(first, commands);
  if (second !== undefined && helpFlags.includes(second)) {
    return unknown({ kind: 'help', text: help });
  }
  const text =
    second === undefined
      ? `"${first}" needs one of: ${subcommands.join(', ')}`
      : `unknown command "${first} ${second}".${didYouMean(second, subcommands)}`;
  return unknown(wrong(text, help));
}

function subcommandsOf(group: string, commands: Commands): string[] {
  return Object.keys(commands)
    .filter((name) => name.startsWith(`${group} `))
    .map((name) => name.slice(group.length + 1));
}

function readHelp(words: readonly string[], commands: Commands): CommandLine {
  const [first] = words;
  if (first === undefined || first === 'help' || first.startsWith('-')) {
    return { kind: 'help', text: overview(commands) };
  }
  const isGroup = words.length === 1 && subcommandsOf(first, commands).length > 0;
  if (isGroup && !Object.hasOwn(commands, first)) {
    return { kind: 'help', text: groupHelp(first, commands) };
  }
  const found = find(words, commands);
  if (found.kind === 'unknown') return found.answer;
  return { kind: 'help', text: commandHelp(found.name, found.command) };
}

/** The options and positionals behind a command's name. */
function readRest(name: string, command: Command, args: readonly string[]): CommandLine {
  const { options, positionals: wanted = [] } = command;
  const usage = `${usageOf(name, command)}\n`;
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...options, help: { type: 'boolean', short: 'h' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const isHelp = tokens.some((token) => token.kind === 'option' && token.name === 'help');
  if (isHelp) return { kind: 'help', text: commandHelp(name, command) };

  const values: Record<string, boolean | string | undefined> = {};
  for (const [option, { type }] of Object.entries(options)) {
    values[option] = type === 'boolean' ? false : undefined;
  }
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const fault = optionFault(token, options);
    if (fault !== undefined) return wrong(fault, usage);
    values[token.name] = token.value ?? true;
  }
  for (const [option, declared] of Object.entries(options)) {
    const isMissing =
      declared.type === 'string' && declared.required && values[option] === undefined;
    if (isMissing) return wrong(`--${option} is missing`, usage);
  }
  const missing = wanted[positionals.length];
  if (missing?.startsWith('<')) return wrong(`${missing} is missing`, usage);
  if (positionals.length > wanted.length) {
    const unexpected = positionals.slice(wanted.length).join(' ');
    return wrong(`unexpected argument: ${unexpected}`, usage);
  }
  return { kind: 'run', command, values: values as Values<Options>, positionals };
}

function optionFault(
  { name, rawName, value, inlineValue }: OptionToken,
  options: Options,
): string | undefined {
  const declared = Object.hasOwn(options, name) ? options[name] : undefined;
  if (declared === undefined) {
    const known = [...Object.keys(options), 'help'].map((option) => `--${option}`);
    return `unknown option "${rawName}".${didYouMean(rawName, known)}`;
  }
  if (declared.type === 'boolean') {
    return value === undefined ? undefined : `${rawName} takes no value`;
  }
  // What begins with a dash is more likely the next option than a value.
  const isLeftOut = value === undefined || value === '' || (!inlineValue && value.startsWith('-'));
  return isLeftOut ? `${rawName} needs a value: ${rawName} ${declared.value}` : undefined;
}

interface OptionToken {
  name: string;
  rawName: string;
  value?: string | undefined;
  inlineValue?: boolean | undefined;
}

const wrong = (text: string, usage: string): CommandLine => ({
  kind: 'wrong',
  text: `${text}\n\n${usage}`,
});
