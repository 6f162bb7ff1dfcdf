import { execFile } from 'node:child_process';
import { chownSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account';
import type { PostgresBinaries } from './binaries';

export interface NewCluster {
  binaries: PostgresBinaries;
  account: Account;
  /** Must not exist; its parent must. */
  dataDir: string;
  password: string;
  /** Skips flushing to disk: for data that nobody keeps. */
  throwaway?: boolean;
}

/** What a data directory that isn't finished is called after. */
export const unfinishedSuffix = '.new-';

/** Makes a data directory under another name and renames it, so that it can't be half made. */
export async function initialisePostgres(cluster: NewCluster): Promise<void> {
  const { account, dataDir } = cluster;
  const { owner } = account;
  const workDir = mkdtempSync(`${dataDir}${unfinishedSuffix}`);
  const passwordFile = `${workDir}.password`;
  try {
    writeFileSync(passwordFile, `${cluster.password}\n`, { mode: 0o600 });
    if (owner.uid !== undefined && owner.gid !== undefined) {
      chownSync(workDir, owner.uid, owner.gid);
      chownSync(passwordFile, owner.uid, owner.gid);
    }
    const { command, args, options } = account.launch(cluster.binaries.initdb, [
      `--pgdata=${workDir}`,
      `--pwfile=${passwordFile}`,
      '--username=postgres',
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      ...(cluster.throwaway === true ? ['--no-sync'] : []),
    ]);
    await promisify(execFile)(command, args, { ...options, cwd: path.dirname(workDir) });
    renameSync(workDir, dataDir);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(workDir, { recursive: true, force: true });
  }
}
