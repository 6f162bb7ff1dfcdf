import { settingNames } from '.';
import type { Logger } from '../lib/log';
import { nearest } from '../lib/nearest';
import { isServiceLink } from './service-links';
import { isSecret, type Environment } from './settings';

/** A variable that looks like a setting and that nothing reads. */
export interface UnknownVariable {
  name: string;
  /** The nearest one that is read. */
  meant: string | undefined;
}

const prefix = 'HOLDFAST_';

const readElsewhere = [
  // By the command, where it asks the API.
  ...['HOLDFAST_URL', 'HOLDFAST_API_KEY'],
  // By Temporal's library, among others of its own.
  ...['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE'],
  // By the Compose file, out of the same `.env`.
  'HOLDFAST_CONFIG_DIR',
  'HOLDFAST_EDGE',
  'HOLDFAST_FURTHER_PROXIES',
];

/** Every variable that something reads by its name, but for the files of secrets and most of Temporal's own. */
export const knownVariables = (): ReadonlySet<string> =>
  new Set([...settingNames(), ...readElsewhere]);

/** What is set under a name that nothing reads, mostly a misspelt one. */
export function unknownVariables(env: Environment): UnknownVariable[] {
  const variables = knownVariables();
  const files = [...variables].filter(isSecret).map((name) => `${name}_FILE`);
  const known = new Set([...variables, ...files]);
  return Object.entries(env).flatMap(([name, value = '']) => {
    if (!name.startsWith(prefix) || known.has(name) || value.trim() === '') return [];
    if (isServiceLink(name, value)) return [];
    const plain = name.slice(prefix.length);
    return [{ name, meant: known.has(plain) ? plain : nearest(name, known) }];
  });
}

/** For whoever types a command: a line each. */
export const unknownVariableLines = (env: Environment): string[] =>
  unknownVariables(env).map(
    ({ name, meant }) =>
      `${name} is not known, and is ignored.${meant === undefined ? '' : ` Did you mean ${meant}?`}`,
  );

export function warnOfUnknownVariables(env: Environment, log: Logger): void {
  for (const { name, meant } of unknownVariables(env)) {
    log.warn(
      { event: 'settings.unknown_variable', variable: name, ...(meant && { meant }) },
      'A variable is not known, and is ignored',
    );
  }
}
