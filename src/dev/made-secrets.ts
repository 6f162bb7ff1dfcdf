import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Environment } from '../config';
import type { DataDir } from './data-dir';
import { StartError } from './start-error';

/**
 * What has to be secret and wasn't set: made once, kept in private files.
 * @returns variables as they would stand in the environment
 * @throws StartError where sealed data is there and its keys are not
 */
export function madeSecrets(env: Environment, paths: DataDir): Environment {
  const made: Record<string, string> = {};
  if (!env['HOLDFAST_API_KEYS']) {
    made['HOLDFAST_API_KEYS'] = keep(paths.apiKey, () => `hf_${randomBytes(32).toString('hex')}`);
  }
  if (!env['HOLDFAST_KEYS']) {
    if (!existsSync(paths.keys) && existsSync(paths.postgres)) {
      throw new StartError(
        `${paths.keys} is missing, but ${paths.postgres} holds data that was sealed with it. Put the file back (or set HOLDFAST_KEYS), or delete ${paths.root} to begin anew.`,
      );
    }
    made['HOLDFAST_KEYS'] = keep(
      paths.keys,
      () => `${newKeyId()}:${randomBytes(32).toString('base64')}`,
    );
  }
  return made;
}

/** The content of a private file, made if there is none. */
export function keep(file: string, make: () => string): string {
  if (!existsSync(file)) writeFileSync(file, `${make()}\n`, { mode: 0o600, flag: 'wx' });
  return readFileSync(file, 'utf8').trim();
}

function newKeyId(): string {
  return `k${new Date().toISOString().slice(0, 10).replaceAll('-', '')}`;
}
