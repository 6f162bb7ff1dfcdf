import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { StartError } from '../start-error';
import type { PostgresBinaries } from './binaries';

/** As whom Postgres's programs run, and how they are called. */
export interface Account {
  owner: Owner;
  /** The command line of one of its programs, with the options to spawn it with. */
  launch: (program: string, args: readonly string[]) => Launch;
}

interface Launch {
  command: string;
  args: string[];
  options: Owner;
}

/**
 * Oneself; as root the user `postgres`, who gets by with one capability where a folder on the way lets
 * nobody else through (a checkout in /root).
 * @param paths what that user has to reach, beside the programs
 * @throws StartError that names the folder where there is no such way
 */
export function postgresAccount(binaries: PostgresBinaries, paths: readonly string[]): Account {
  const owner = postgresOwner();
  const blocked = [binaries.postgres, ...paths]
    .map((target) => blockedAncestor(target, owner))
    .find((folder) => folder !== undefined);
  if (blocked === undefined) {
    return { owner, launch: (command, args) => ({ command, args: [...args], options: owner }) };
  }
  // Docker grants root the second one only.
  for (const capability of ['dac_read_search', 'dac_override']) {
    const prefix = withCapability(owner, capability);
    const launch = (program: string, args: readonly string[]) => ({
      command: 'setpriv',
      args: [...prefix, program, ...args],
      options: {},
    });
    if (runs(launch(binaries.postgres, ['--version']))) return { owner, launch };
  }
  throw new StartError(
    `Started by root, Postgres runs as the user "postgres", who may not pass through ${blocked}. Allow it (chmod o+x ${blocked}), start as another user, keep the checkout elsewhere, or set DATABASE_URL.`,
  );
}

function withCapability({ uid = 0, gid = 0 }: Owner, capability: string): string[] {
  return [
    ...[`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'],
    // Without it access(2), by which Postgres finds its own programs, ignores the capability.
    '--securebits=+no_setuid_fixup',
    ...[`--inh-caps=+${capability}`, `--ambient-caps=+${capability}`, '--'],
  ];
}

function runs({ command, args }: Launch): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

/** Whom Postgres runs as; empty: as oneself. */
interface Owner {
  uid?: number;
  gid?: number;
}

/**
 * Postgres refuses to run as root: then it runs as the system's user `postgres`, made if there is none.
 * @throws StartError where the user can't be made
 */
function postgresOwner(): Owner {
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
function blockedAncestor(target: string, owner: Owner): string | undefined {
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
