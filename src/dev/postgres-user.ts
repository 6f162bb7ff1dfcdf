import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { StartError } from './start-error';

/** Whom Postgres runs as; empty: as oneself. */
export interface Owner {
  uid?: number;
  gid?: number;
}

/**
 * Postgres refuses to run as root: then it runs as the system's user `postgres`, made if there is none.
 * @throws StartError where the user can't be made
 */
export function postgresOwner(): Owner {
  if (process.getuid?.() !== 0) return {};
  try {
    return readOwner();
  } catch {
    try {
      execFileSync('groupadd', ['--force', 'postgres'], { stdio: 'ignore' });
      execFileSync('useradd', ['--system', '--gid', 'postgres', 'postgres'], { stdio: 'ignore' });
      return readOwner();
    } catch (cause) {
      throw new StartError(
        'Postgres does not run as root, and the user "postgres" could not be made. Make it (useradd postgres), start as another user, or set DATABASE_URL.',
        { cause },
      );
    }
  }
}

function readOwner(): Required<Owner> {
  const id = (flag: string) =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** The first folder on the way to `target` that `owner` may not pass through, or undefined. */
export function blockedAncestor(target: string, owner: Owner): string | undefined {
  if (owner.uid === undefined) return undefined;
  return ancestors(path.resolve(target)).find((folder) => {
    const { mode, uid, gid } = statSync(folder);
    if (uid === owner.uid) return (mode & 0o100) === 0;
    return gid === owner.gid ? (mode & 0o010) === 0 : (mode & 0o001) === 0;
  });
}

function ancestors(target: string): string[] {
  const parent = path.dirname(target);
  return parent === target ? [] : [...ancestors(parent), parent];
}
