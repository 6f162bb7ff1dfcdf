import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { parseConfig, type Environment } from '../config';
import { localSettings } from '../dev/local-settings';
import { createProgress } from '../dev/progress';
import { findTemporal } from '../dev/temporal/binary';
import { defineCommand } from './command';
import { sayUnknownVariables } from './output';

export const temporal = defineCommand({
  summary: "Temporal's own command, at the server that Holdfast uses",
  options: {},
  passesOn: true,
  notes: `What follows comes to it untouched ("holdfast temporal --help" is its own help), and it ends as it ends by itself.
It is the command that "npm start" runs as a server: on the PATH, kept in ~/.cache/holdfast, downloaded, or built.`,
  run: async ({ env }, _values, args) => {
    sayUnknownVariables(env);
    const { binary } = await findTemporal({
      searchPath: env['PATH'],
      // Standard output is the command's.
      progress: createProgress((line) => process.stderr.write(`${line}\n`)),
    });
    return runThrough(binary, args, { ...env, ...addressOf(env) });
  },
});

/** What it doesn't read by itself: where "npm start" keeps its server. */
function addressOf(env: Environment): Environment {
  const config = parseConfig(env);
  const { TEMPORAL_ADDRESS } = localSettings(config, env);
  return TEMPORAL_ADDRESS === undefined ? {} : { TEMPORAL_ADDRESS };
}

/** A terminal sends Ctrl-C to all that run in it: a second one would end the command before it has cleaned up. */
const signals = [
  'SIGTERM',
  'SIGHUP',
  ...(process.stdin.isTTY ? [] : (['SIGINT'] as const)),
] as const;

/** @returns its exit code, as a shell has it: 128 and the signal's number where a signal ended it */
function runThrough(binary: string, args: readonly string[], env: Environment): Promise<number> {
  const child = spawn(binary, args, { env, stdio: 'inherit' });
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  if (process.stdin.isTTY) process.on('SIGINT', () => undefined);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
