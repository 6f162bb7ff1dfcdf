import type { Command, Commands, Options } from './command';

/** The list of all commands. */
export function overview(commands: Commands): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => [name, summary] as const);
  return `Usage: holdfast <command>

${columns([...rows, ['help', 'this, or with a command what it takes']])}
"holdfast <command> --help" says what a command takes, "holdfast --version" which Holdfast this is.
Settings come from the environment and from a file .env in the working directory.
`;
}

/** The commands whose names begin with one word. */
export function groupHelp(group: string, commands: Commands): string {
  const rows = Object.entries(commands)
    .filter(([name]) => name.startsWith(`${group} `))
    .map(([name, { summary }]) => [name, summary] as const);
  return `Usage: holdfast ${group} <command>\n\n${columns(rows)}`;
}

export function commandHelp(name: string, command: Command): string {
  const { summary, options, notes } = command;
  const rows = Object.entries(options).map(([option, declared]) => [
    declared.type === 'string' ? `--${option} ${declared.value}` : `--${option}`,
    declared.help,
  ]);
  const paragraphs = [
    `${usageOf(name, command)}\n`,
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.\n`,
    ...(rows.length > 0 ? [columns(rows)] : []),
    ...(notes === undefined ? [] : [`${notes}\n`]),
  ];
  return paragraphs.join('\n');
}

/** `Usage: holdfast keys revoke <id> [--json]` */
export function usageOf(name: string, { positionals = [], options, passesOn }: Command): string {
  const rest = passesOn ? ['…'] : [];
  return ['Usage: holdfast', name, ...positionals, ...usagesOf(options), ...rest].join(' ');
}

function usagesOf(options: Options): string[] {
  return Object.entries(options).map(([option, declared]) => {
    if (declared.type === 'boolean') return `[--${option}]`;
    const usage = `--${option} ${declared.value}`;
    return declared.required ? usage : `[${usage}]`;
  });
}

function columns(rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map(([left = '']) => left.length));
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}\n`).join('');
}
