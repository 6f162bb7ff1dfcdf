import { parseConfig, type Config, type Environment } from './config';
import { loadConfiguration } from './config/load-file';
import { requireSettings } from './config/required';
import { createLog } from './lib/log';
import { withBuiltIns } from './providers/built-in';
import { serve } from './lib/serve';

export interface CommandContext {
  env: Environment;
  cwd: string;
}

/** @returns the exit code */
type Command = (context: CommandContext) => Promise<number>;

/** Each loads what it needs and no more: the worker alone takes a second. */
export const commands = {
  start: async (context) => {
    const { start } = await import('./dev/start.js');
    return start(context);
  },
  gateway: async ({ env, cwd }) => {
    const config = parseConfig(env);
    requireSettings(config, ['DATABASE_URL', 'HOLDFAST_KEYS', 'HOLDFAST_API_KEYS']);
    const { startGateway } = await import('./gateway/main.js');
    const options = await runOptions(config, cwd);
    await serve(() => startGateway(config, options), options.log);
    return 0;
  },
  worker: async ({ env, cwd }) => {
    const config = parseConfig(env);
    requireSettings(config, ['DATABASE_URL', 'HOLDFAST_KEYS']);
    const { startWorker } = await import('./worker/main.js');
    const options = await runOptions(config, cwd);
    await serve(() => startWorker(config, options), options.log);
    return 0;
  },
  migrate: async ({ env }) => {
    const config = parseConfig(env);
    requireSettings(config, ['DATABASE_URL']);
    const { migrate } = await import('./db/migrate.js');
    await migrate(config.databaseUrl ?? '', createLog(config.logLevel));
    return 0;
  },
  doctor: async (context) => {
    const { doctor } = await import('./doctor/doctor.js');
    return doctor(context, (line) => process.stdout.write(`${line}\n`));
  },
} satisfies Record<string, Command>;

async function runOptions(config: Config, cwd: string) {
  const declared = await loadConfiguration(config.configFile, cwd);
  const configuration = withBuiltIns(declared, config.apps);
  return { configuration, log: createLog(config.logLevel) };
}
