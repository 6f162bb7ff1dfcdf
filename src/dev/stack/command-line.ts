import { parseArgs } from 'node:util';
import { StartError } from '../start-error';

export type StackCommand =
  | { kind: 'help' }
  | { kind: 'up'; port: number | undefined; temporal: string | undefined }
  | { kind: 'list' }
  | { kind: 'stop' | 'start' | 'restart'; name: string };

/** What can be stopped and started by itself. */
export const serviceNames = [
  ...['proxy', 'gateway', 'gateway-2', 'worker-1', 'worker-2'],
  ...['temporal', 'temporal-postgres', 'holdfast-postgres'],
] as const;

export const helpText = `npm run stack [-- <options>]          starts all of it, until Ctrl-C
npm run stack -- list                 each process with its number
npm run stack -- stop <name>          stops one of them, and leaves it so
npm run stack -- start <name>         starts it again
npm run stack -- restart <name>       one after the other, as a deploy does

The same as docker-compose.temporal.yml by processes, without containers: Postgres for Holdfast and another one for
Temporal, Temporal's server (built with Go the first time), two workers, two gateways behind nginx. What ends by
itself is started again. All data is in .holdfast/stack (HOLDFAST_DATA_DIR), and is found again.

Names: ${serviceNames.join(', ')}

Options:
  --port <number>       where the proxy listens; else the port of the last time, or a free one
  --temporal <folder>   another release of Temporal's server: a folder with temporal-server and temporal-sql-tool
  --help

The processes' settings are those of this shell, but for what the stack gives them itself. HOLDFAST_CONFIG names the
configuration file (deploy/config/holdfast.config.mjs).
`;

/** @throws StartError that says what is wrong */
export function readStackCommand(args: readonly string[]): StackCommand {
  const { values, positionals } = parsed(args);
  if (values.help === true) return { kind: 'help' };
  const [kind, name, ...rest] = positionals;
  if (kind === undefined)
    return { kind: 'up', port: portOf(values.port), temporal: values.temporal };
  if (rest.length > 0) throw new StartError(`What is "${rest.join(' ')}"? See --help.`);
  if (kind === 'list' && name === undefined) return { kind };
  if (kind !== 'stop' && kind !== 'start' && kind !== 'restart')
    throw new StartError(`There is no command "${positionals.join(' ')}". See --help.`);
  if (!serviceNames.some((one) => one === name))
    throw new StartError(`"${kind}" takes one of ${serviceNames.join(', ')}.`);
  return { kind, name: name ?? '' };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        port: { type: 'string' },
        temporal: { type: 'string' },
      },
    });
  } catch (error) {
    throw new StartError(`${(error as Error).message} See --help.`, { cause: error });
  }
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new StartError(`--port takes a number from 1 to 65535, not "${text}".`);
}
