import { accessSync, chmodSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../lib/errors';
import { StartError } from './start-error';

/** Paths in the folder that `npm start` keeps its data in. */
export interface DataDir {
  root: string;
  lock: string;
  apiKey: string;
  keys: string;
  postgres: string;
  postgresPassword: string;
  /** Of the role that gateway and worker run as. */
  postgresRunPassword: string;
  postgresLog: string;
  temporalDb: string;
  temporalLog: string;
  temporalPid: string;
}

export function dataDirPaths(dir: string): DataDir {
  const root = path.resolve(dir);
  const at = (name: string) => path.join(root, name);
  return {
    root,
    lock: at('start.lock'),
    apiKey: at('api-key'),
    keys: at('keys'),
    postgres: at('postgres'),
    postgresPassword: at('postgres-password'),
    postgresRunPassword: at('postgres-run-password'),
    postgresLog: at('postgres.log'),
    temporalDb: at('temporal.db'),
    temporalLog: at('temporal.log'),
    temporalPid: at('temporal.pid'),
  };
}

/**
 * Keys and passwords must not be committed by accident. A folder that the person works in has its own rules.
 * @throws Error where the file can't be written
 */
function keepOutOfGit(root: string): void {
  const file = path.join(root, '.gitignore');
  const isWorkedIn = `${process.cwd()}${path.sep}`.startsWith(`${root}${path.sep}`);
  if (!isWorkedIn && !existsSync(file)) writeFileSync(file, '*\n');
}

/** @throws StartError where the folder can't be made or written to */
export function openDataDir(dir: string): DataDir {
  const paths = dataDirPaths(dir);
  try {
    mkdirSync(paths.root, { recursive: true });
    accessSync(paths.root, constants.W_OK | constants.X_OK);
    // As root, Postgres runs as another user, who has to pass through.
    chmodSync(paths.root, process.getuid?.() === 0 ? 0o711 : 0o700);
    keepOutOfGit(paths.root);
  } catch (cause) {
    throw new StartError(
      `The data folder ${paths.root} can't be written to (${messageOf(cause)}). Change its owner, or name another in HOLDFAST_DATA_DIR.`,
      { cause },
    );
  }
  return paths;
}
