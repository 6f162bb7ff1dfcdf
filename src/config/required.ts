import type { Config } from '.';
import { ConfigError } from './settings';

const needed = {
  DATABASE_URL: {
    isSet: (config: Config) => config.databaseUrl !== undefined,
    allowed: 'postgres://user:password@host:port/database',
  },
  HOLDFAST_KEYS: {
    isSet: (config: Config) => config.keys.length > 0,
    allowed: 'id:base64 of 32 bytes, comma-separated',
  },
  HOLDFAST_API_KEYS: {
    isSet: (config: Config) => config.apiKeys.length > 0,
    allowed: 'comma-separated keys, 32 characters or more each',
  },
};

/** @throws ConfigError with a line for each of these variables that isn't set */
export function requireSettings(config: Config, names: readonly (keyof typeof needed)[]): void {
  const problems = names
    .filter((name) => !needed[name].isSet(config))
    .map((name) => `${name}: is not set; allowed: ${needed[name].allowed}`);
  if (problems.length > 0) throw new ConfigError(problems);
}
