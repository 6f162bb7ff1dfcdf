#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { CommandError, exitCodes } from './cli/command';
import { readCommandLine } from './cli/command-line';
import { commands } from './cli/commands';
import { linesForTerminal } from './cli/output';
import { ownVersion } from './lib/own-version';
import { ConfigError, type Environment, readSecretFiles } from './config';
import { StartError } from './dev/start-error';
import { HoldfastError, messageOf } from './lib/errors';
import { ConfigurationError } from './providers/registry';

async function main(args: string[]): Promise<number> {
  const line = readCommandLine(args, commands);
  switch (line.kind) {
    case 'version':
      process.stdout.write(`${ownVersion()}\n`);
      return exitCodes.well;
    case 'help':
      process.stdout.write(line.text);
      return exitCodes.well;
    case 'wrong':
      process.stderr.write(`holdfast: ${line.text}`);
      return exitCodes.usage;
    case 'run': {
      const cwd = process.cwd();
      const envFile = path.join(cwd, '.env');
      if (existsSync(envFile)) process.loadEnvFile(envFile);
      const { env, problems } = readSecretFiles(process.env);
      if (problems.length > 0) throw new ConfigError(problems);
      replaceEnvironment(env);
      return line.command.run({ env, cwd }, line.values, line.positionals);
    }
  }
}

/**
 * Configuration files, Temporal's client and child processes read the process's own variables, not ours. An empty one counts as
 * unset; Temporal's client would take it for the name of a file.
 */
function replaceEnvironment(env: Environment): void {
  const isUnset = (name: string) => name.startsWith('TEMPORAL_') && env[name]?.trim() === '';
  Object.assign(process.env, env);
  for (const name of Object.keys(process.env)) {
    if (env[name] === undefined || isUnset(name)) Reflect.deleteProperty(process.env, name);
  }
}

/** What a person can put right needs no stack. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof ConfigurationError) {
    return `These settings can't be used:\n${error.message}`;
  }
  const isPlain =
    error instanceof CommandError || error instanceof StartError || error instanceof HoldfastError;
  if (isPlain || !(error instanceof Error)) return messageOf(error);
  return error.stack ?? error.message;
}

/**
 * Standard output takes no more. What it may have lost is an API key that is shown this once: that is no success. A reader
 * that has had enough (`| head`) is told nothing, and its command ends as one that knows nothing of it would.
 */
function endUnwritten({ code, message }: NodeJS.ErrnoException): never {
  if (code === 'EPIPE') process.exit(128 + constants.signals.SIGPIPE);
  process.stderr.write(`holdfast: Standard output can't be written: ${message}\n`);
  process.exit(exitCodes.wrong);
}

process.stdout.on('error', endUnwritten);
main(process.argv.slice(2)).then(
  // What was written fails a moment later.
  (code) => setImmediate(() => process.exit(code)),
  (error: unknown) => {
    process.stderr.write(`holdfast: ${linesForTerminal(explain(error))}\n`);
    process.exit(error instanceof CommandError ? error.exitCode : exitCodes.wrong);
  },
);
