import { parseArgs } from 'node:util';
import path from 'node:path';
import { letters, type Letter } from './systems';

export interface BenchOptions {
  rounds: number;
  seconds: number;
  connections: readonly number[];
  systems: readonly Letter[];
  /** Streams of events whose cost is measured, instead of the systems; null: the systems are. */
  streams: number | null;
  /** Where the results are written; null: nowhere. */
  output: string | null;
  /** Where the gateway leaves a CPU profile; null: it makes none. */
  cpuProfileDir: string | null;
}

export const usage = `Usage: npm run bench -- [options]

  --quick              a look in a few seconds: one round, short, at 1 and 10 connections; writes no file
  --rounds <n>         interleaved rounds (5)
  --seconds <n>        how long one measurement is at most (3)
  --connections <list> connections at once, separated by commas (1,10,50,200)
  --systems <letters>  which of A, B, C and D (ABCD)
  --streams <n>        what so many open streams of events cost the gateway, instead; writes no file
  --output <file>      where the results are written (bench/results.json)
  --cpu-prof <folder>  the gateway leaves a CPU profile there, for Chrome's developer tools
  --help               this text
`;

const full = { rounds: 5, seconds: 3, connections: [1, 10, 50, 200] };
const quick = { rounds: 1, seconds: 0.5, connections: [1, 10] };

/**
 * @param args what stands behind the command
 * @param root the checkout
 * @returns 'help' where that was asked for
 * @throws Error that names the option
 */
export function parseOptions(args: readonly string[], root: string): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      connections: { type: 'string' },
      systems: { type: 'string' },
      streams: { type: 'string' },
      output: { type: 'string' },
      'cpu-prof': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  const usual = values.quick === true ? quick : full;
  const file = values.quick === true ? null : path.join(root, 'bench/results.json');
  const profiles = values['cpu-prof'];
  return {
    rounds: whole('--rounds', values.rounds, 100) ?? usual.rounds,
    seconds: positive('--seconds', values.seconds, 60) ?? usual.seconds,
    connections:
      values.connections
        ?.split(',')
        .map((one) => whole('--connections', one, 1_000))
        .filter((one) => one !== undefined) ?? usual.connections,
    systems: systemsIn(values.systems ?? letters.join('')),
    streams: whole('--streams', values.streams, 5_000) ?? null,
    output: values.output === undefined ? file : path.resolve(values.output),
    cpuProfileDir: profiles === undefined ? null : path.resolve(profiles),
  };
}

function systemsIn(text: string): Letter[] {
  const wanted = letters.filter((letter) => text.includes(letter));
  if (wanted.length !== text.length || text === '') {
    throw new Error(`--systems takes letters of ${letters.join('')}, each once.`);
  }
  return wanted;
}

function positive(name: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0 && value <= max)) throw new Error(`${name} takes numbers from 0 to ${max}.`);
  return value;
}

function whole(name: string, text: string | undefined, max: number): number | undefined {
  const value = positive(name, text, max);
  if (value !== undefined && !Number.isInteger(value)) {
    throw new Error(`${name} takes whole numbers.`);
  }
  return value;
}
