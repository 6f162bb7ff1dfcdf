import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { commandOf } from '../process/command-of';
import { waitUntil } from '../process/wait-until';
import { StartError } from '../start-error';
import { serviceNames, type StackCommand } from './command-line';
import { type StackDir } from './layout';

/** A worker has a minute to end, a server another half to be up. */
const patienceMs = 120_000;

type Control = Exclude<StackCommand, { kind: 'help' | 'up' }>;

/**
 * Asks the stack that runs elsewhere to stop or start one of its processes, and waits until it has.
 * @returns the lines to say
 * @throws StartError where no stack runs, or it doesn't happen
 */
export async function controlStack(command: Control, paths: StackDir): Promise<string[]> {
  if (!existsSync(paths.lock) || commandOf(Number(readFileSync(paths.lock, 'utf8'))) === undefined)
    throw new StartError('No stack runs on this data folder: npm run stack');
  if (command.kind === 'list') {
    return serviceNames.map((name) => {
      const state = existsSync(path.join(paths.ready, name)) ? 'ready' : 'not ready';
      return `${name.padEnd(18)} ${state.padEnd(10)} ${processOf(paths, name) ?? ''}`.trimEnd();
    });
  }
  const { kind, name } = command;
  if (kind !== 'start') {
    writeFileSync(path.join(paths.stopped, name), '');
    await until(`${name} has not ended`, () => processOf(paths, name) === undefined);
  }
  if (kind === 'stop') return [`${name} is stopped`];
  rmSync(path.join(paths.stopped, name), { force: true });
  await until(`${name} is not ready`, () => existsSync(path.join(paths.ready, name)));
  return [`${name} is ready: ${processOf(paths, name) ?? ''}`];
}

/** Its number, or undefined where it doesn't run. */
function processOf({ pidOf }: StackDir, name: string): number | undefined {
  const file = pidOf(name);
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8'));
  return commandOf(pid) === undefined ? undefined : pid;
}

async function until(problem: string, check: () => boolean): Promise<void> {
  await waitUntil(
    () => {
      if (!check()) throw new StartError(`${problem} within ${patienceMs / 1000} s.`);
    },
    { timeoutMs: patienceMs, everyMs: 100 },
  );
}
