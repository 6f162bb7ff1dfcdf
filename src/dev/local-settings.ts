import { readFileSync } from 'node:fs';
import type { Config, Environment } from '../config';
import { dataDirPaths } from './data-dir';
import { embeddedDatabaseUrl } from './postgres/embedded';

/** For what the environment leaves open: what `npm start` has made in the data folder, as variables. */
export function localSettings(config: Config, env: Environment): Environment {
  const paths = dataDirPaths(config.dataDir);
  const password = read(paths.postgresPassword);
  const made: Environment = {
    HOLDFAST_API_KEYS: read(paths.apiKey),
    HOLDFAST_KEYS: read(paths.keys),
    DATABASE_URL:
      password === undefined ? undefined : embeddedDatabaseUrl(config.postgresPort, password),
    TEMPORAL_ADDRESS:
      config.temporalAddress === undefined ? `127.0.0.1:${config.temporalPort}` : undefined,
  };
  return Object.fromEntries(Object.entries(made).filter(([name]) => !env[name]));
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
