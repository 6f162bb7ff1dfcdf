import { execFileSync } from 'node:child_process';
import type { PostgresBinaries } from './binaries';
import { blockedAncestor, postgresOwner, type Owner } from '../postgres-user';
import { StartError } from '../start-error';

/** As whom Postgres's programs run, and how they are called. */
export interface Account {
  owner: Owner;
  /** The command line of one of its programs, with the options to spawn it with. */
  launch: (program: string, args: readonly string[]) => Launch;
}

export interface Launch {
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
