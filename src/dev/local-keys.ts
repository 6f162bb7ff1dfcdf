import { readFileSync } from 'node:fs';
import type { Environment } from '../config';
import { SealingKeyError } from '../encryption/encryption-key-error';
import type { DataDir } from './data-dir';

/**
 * Adds what to do where `HOLDFAST_KEYS` is set and the database is sealed with the key that an earlier
 * `npm start` made; any other error comes back as it is.
 */
export function explainLocalKeys<E extends Error>(
  error: E,
  env: Environment,
  paths: DataDir,
): E | SealingKeyError {
  if (!(error instanceof SealingKeyError) || !env['HOLDFAST_KEYS']) return error;
  const id = keyIdIn(paths.keys);
  if (id === undefined || !error.keyIds.includes(id)) return error;
  const remedy = `The key "${id}" that "npm start" made is in ${paths.keys}: put the content of that file behind your own key, as HOLDFAST_KEYS=<yours>,<content>, or unset HOLDFAST_KEYS. Two keys need two ids.`;
  return new SealingKeyError(error.keyIds, [...error.problems, remedy]);
}

function keyIdIn(file: string): string | undefined {
  try {
    return /^([^:]+):/.exec(readFileSync(file, 'utf8').trim())?.[1];
  } catch {
    return undefined;
  }
}
