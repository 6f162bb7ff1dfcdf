import { parseArgs } from 'node:util';
import path from 'node:path';

export interface KillOptions {
  rounds: number;
  seed: number;
  integrations: number;
  /** Webhooks of all integrations together. */
  perSecond: number;
  longestAwayMs: number;
  /** How long an integration may take until it is handled again. */
  backWithinMs: number;
  /** Where everything that was seen is written; null: nowhere. */
  output: string | null;
  /** Whether logs and data stay also where all is well. */
  keep: boolean;
}

export const usage = `Usage: npm run kills -- [options]

Gateway, worker, Temporal and Postgres on data of their own, under load. In each round one of them, or two at once, is killed
(SIGKILL) or, of Postgres, stopped (SIGSTOP), and comes back. Checked is that nothing acknowledged is lost, that order is kept,
that no status changes, and that every integration is handled again in time, counted from the last one's return. The exit code is 1
where something of it isn't so.

  --rounds <n>         how many (20); every four have each kind of fault
  --seed <n>           which faults, when and for how long (any; it is printed)
  --integrations <n>   that get webhooks, each in order (12)
  --per-second <n>     webhooks of all of them together (24)
  --longest-away <s>   seconds that something is away at most (12)
  --back-within <s>    seconds until every integration is handled again, at most (20)
  --output <file>      also writes every webhook, request and fault with its time, as JSON
  --keep               leaves logs and data, as it does where something is wrong
  --help               this text
`;

/**
 * @param args what stands behind the command
 * @returns 'help' where that was asked for
 * @throws Error that names the option
 */
export function parseKillOptions(args: readonly string[]): KillOptions | 'help' {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ rounds: text, seed: text, integrations: text, 'per-second': text },
      ...{ 'longest-away': text, 'back-within': text, output: text },
      keep: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  const whole = (name: string, given: string | undefined, usual: number, range: Range) =>
    wholeNumber(`--${name}`, given, range) ?? usual;
  return {
    rounds: whole('rounds', values.rounds, 20, [1, 1_000]),
    seed: whole('seed', values.seed, Date.now() % 1_000_000, [0, 2 ** 32 - 1]),
    integrations: whole('integrations', values.integrations, 12, [1, 200]),
    perSecond: whole('per-second', values['per-second'], 24, [1, 1_000]),
    longestAwayMs: 1_000 * whole('longest-away', values['longest-away'], 12, [2, 300]),
    backWithinMs: 1_000 * whole('back-within', values['back-within'], 20, [1, 3_600]),
    output: values.output === undefined ? null : path.resolve(values.output),
    keep: values.keep === true,
  };
}

type Range = readonly [least: number, most: number];

function wholeNumber(name: string, text: string | undefined, [least, most]: Range) {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most)
    return value;
  throw new Error(`${name} takes whole numbers from ${least} to ${most}, not "${text}".`);
}
