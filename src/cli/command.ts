import type { Environment } from '../config';

export interface CommandContext {
  /** With what the file `.env` adds. */
  env: Environment;
  cwd: string;
}

/** What every command ends with; `temporal` ends with what Temporal's own command ends with. */
export const exitCodes = {
  well: 0,
  wrong: 1,
  usage: 2,
  notReachable: 3,
  notAuthorised: 4,
} as const;

/** Ends a command: one sentence for whoever typed it, without a stack, and an exit code. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    message: string,
    readonly exitCode: number = exitCodes.wrong,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

interface Flag {
  type: 'boolean';
  help: string;
}

interface ValueOption {
  type: 'string';
  /** What stands for the value in the help: `<time>`. */
  value: string;
  help: string;
  required?: true;
}

export type Options = Readonly<Record<string, Flag | ValueOption>>;

export type Values<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends { type: 'boolean' }
    ? boolean
    : O[Name] extends { required: true }
      ? string
      : string | undefined;
};

export interface CommandOf<O extends Options> {
  /** What it does, for the list of all: from a small letter, without a full stop. */
  summary: string;
  /** What follows the name: `<id>` has to be there, `[id]` may be. */
  positionals?: readonly string[];
  options: O;
  /** Further lines of its help. */
  notes?: string;
  /** Whatever follows the name is another program's, and comes as positionals. */
  passesOn?: true;
  /** @returns the exit code */
  run(
    context: CommandContext,
    values: Values<O>,
    positionals: readonly string[],
  ): Promise<number> | number;
}

export type Command = CommandOf<Options>;

/** By names of one or two words: `status`, `keys create`. */
export type Commands = Readonly<Record<string, Command>>;

/** A command with its options' types. Each loads what it needs in `run` and no more: the worker alone takes a second. */
export const defineCommand = <const O extends Options>(command: CommandOf<O>): Command => command;

/** For commands whose answer programs read, too. */
export const jsonOption = {
  json: { type: 'boolean', help: 'one JSON object instead of text' },
} as const satisfies Options;
