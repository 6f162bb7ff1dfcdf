#!/usr/bin/env node
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { commands } from './commands';
import { ConfigError } from './config';
import { StartError } from './dev/start-error';
import { HoldfastError, messageOf } from './lib/errors';
import { ConfigurationError } from './providers/registry';

const usage = `Usage: holdfast <command>

  start     everything on this machine: Postgres, Temporal, gateway and worker
  gateway   takes webhooks and answers the API
  worker    runs the actors and handles webhooks
  migrate   brings the database's schema up to date
  doctor    says what is configured and reachable, and what is wrong

Settings come from the environment and from a file .env in the working directory.
`;

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    options: { help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  const [name, ...rest] = positionals;
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  if (name === undefined || rest.length > 0 || !isCommand(name)) {
    const wrong =
      name === undefined
        ? 'a command is missing'
        : rest.length > 0
          ? `unexpected argument: ${rest.join(' ')}`
          : `unknown command: ${name}`;
    process.stderr.write(`holdfast: ${wrong}\n\n${usage}`);
    return 2;
  }
  const cwd = process.cwd();
  const envFile = path.join(cwd, '.env');
  if (existsSync(envFile)) process.loadEnvFile(envFile);
  return commands[name]({ env: process.env, cwd });
}

function isCommand(name: string): name is keyof typeof commands {
  return Object.hasOwn(commands, name);
}

/** What a person can put right needs no stack. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof ConfigurationError) {
    return `These settings can't be used:\n${error.message}`;
  }
  if (error instanceof StartError || error instanceof HoldfastError || !(error instanceof Error)) {
    return messageOf(error);
  }
  return isUsageError(error) ? `${error.message}\n\n${usage}` : (error.stack ?? error.message);
}

function isUsageError(error: Error): boolean {
  return 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`holdfast: ${explain(error)}\n`);
    process.exit(error instanceof Error && isUsageError(error) ? 2 : 1);
  },
);
