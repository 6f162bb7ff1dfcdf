import { readFileSync } from 'node:fs';
import type { Config, Environment } from '../config';
import { dataDirPaths } from './data-dir';
import { embeddedOwnerUrl, embeddedRunUrl } from './postgres/embedded';

/** For what the environment leaves open: what `npm start` has made in the data folder, as variables. */
export function localSettings(config: Config, env: Environment): Environment {
  const paths = dataDirPaths(config.dataDir);
  const { postgresPort: port } = config;
  const password = read(paths.postgresPassword);
  const runPassword = read(paths.postgresRunPassword);
  const ownerUrl = password === undefined ? undefined : embeddedOwnerUrl(port, password);
  const runUrl = runPassword === undefined ? ownerUrl : embeddedRunUrl(port, runPassword);
  const made: Environment = {
    HOLDFAST_API_KEYS: read(paths.apiKey),
    HOLDFAST_KEYS: read(paths.keys),
    DATABASE_URL: runUrl,
    HOLDFAST_MIGRATE_DATABASE_URL: config.databaseUrl === undefined ? ownerUrl : undefined,
    TEMPORAL_ADDRESS:
      config.temporalAddress === undefined ? `127.0.0.1:${config.temporalPort}` : undefined,
    HOLDFAST_TEMPORAL_UI_URL:
      config.temporalAddress === undefined ? embeddedUiUrl(config) : undefined,
  };
  return Object.fromEntries(Object.entries(made).filter(([name]) => !env[name]));
}

/** Where Temporal's UI is, if its server was started here. */
export const embeddedUiUrl = ({ temporalUiPort }: Pick<Config, 'temporalUiPort'>): string =>
  `http://localhost:${temporalUiPort}`;

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
