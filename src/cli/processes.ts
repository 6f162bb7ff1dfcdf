import { parseConfig, type Config, type Environment } from '../config';
import { loadConfiguration } from '../config/load-file';
import { requireSettings } from '../config/required';
import { warnOfUnknownVariables } from '../config/unknown-variables';
import { createLog, type Logger } from '../lib/log';
import { serve } from '../lib/serve';
import { withBuiltIns } from '../providers/built-in';
import { defineCommand } from './command';

export const start = defineCommand({
  summary: 'everything on this machine: Postgres, Temporal, gateway and worker',
  options: {},
  run: async (context) => {
    const run = await import('../dev/start.js');
    return run.start(context);
  },
});

export const gateway = defineCommand({
  summary: 'takes webhooks and answers the API',
  options: {},
  run: async ({ env, cwd }) => {
    const { config, log } = configured(env, ['DATABASE_URL', 'HOLDFAST_KEYS', 'HOLDFAST_API_KEYS']);
    const { startGateway } = await import('../gateway/main.js');
    const options = await runOptions(config, cwd, log);
    await serve(() => startGateway(config, options), options.log);
    return 0;
  },
});

export const worker = defineCommand({
  summary: 'runs the actors and handles webhooks',
  options: {},
  run: async ({ env, cwd }) => {
    const { config, log } = configured(env, ['DATABASE_URL', 'HOLDFAST_KEYS']);
    const { startWorker } = await import('../worker/main.js');
    const options = await runOptions(config, cwd, log);
    await serve(() => startWorker(config, options), options.log);
    return 0;
  },
});

export const migrate = defineCommand({
  summary: "brings the database's schema up to date",
  options: {},
  run: async ({ env }) => {
    const { config, log } = configured(env, []);
    const ownerUrl = config.migrateDatabaseUrl ?? config.databaseUrl;
    if (ownerUrl === undefined) requireSettings(config, ['DATABASE_URL']);
    const run = await import('../db/migrate.js');
    await run.migrate(ownerUrl ?? '', log, config.databaseUrl);
    return 0;
  },
});

/** What is missing may be there under a misspelt name: that is said first. */
function configured(env: Environment, needed: Parameters<typeof requireSettings>[1]) {
  const config = parseConfig(env);
  const log = createLog(config.logLevel);
  warnOfUnknownVariables(env, log);
  requireSettings(config, needed);
  return { config, log };
}

async function runOptions(config: Config, cwd: string, log: Logger) {
  const { declared, found, looked } = await loadConfiguration(config.configFile, cwd);
  const configuration = withBuiltIns(declared, config.apps);
  if (found === undefined)
    log.info({ event: 'configuration.none', looked }, 'There is no configuration file');
  else
    log.info({ event: 'configuration.loaded', file: found }, 'The configuration file was loaded');
  return { configuration, log };
}
