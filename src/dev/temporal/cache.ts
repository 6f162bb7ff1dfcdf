import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { pinnedVersion, usableVersion } from './version';

export const usualCacheDir = path.join(homedir(), '.cache', 'holdfast');

/** Says that there is nothing to try, which is nothing to worry about. */
export const absent = 'not there';

export interface Found {
  binary: string;
  version: string;
}

/** Of the pinned version alone, checked by its sum or built from its module. */
const keptName = `temporal-${pinnedVersion}-checked`;
/** Earlier versions gave it to builds, and to downloads that nothing had checked. */
const earlierName = `temporal-${pinnedVersion}`;

/** Where such a command is kept. */
export const keptIn = (cacheDir: string) => path.join(cacheDir, keptName);

/**
 * The command that an earlier download or build left.
 * @throws Error where there is none
 */
export async function cachedTemporal(cacheDir: string): Promise<Found> {
  const earlier = path.join(cacheDir, earlierName);
  const candidates = [keptIn(cacheDir), ...((await isBuilt(earlier)) ? [earlier] : [])];
  for (const binary of candidates) {
    const version = await usableVersion(binary).catch(() => undefined);
    if (version === pinnedVersion) return { binary, version };
  }
  throw new Error(absent);
}

/** Go writes into a command which module it was built from, with its sum; into one built from a checkout, as releases are, none. */
const builtFrom = `mod\tgithub.com/temporalio/cli\tv${pinnedVersion}\th1:`;

async function isBuilt(binary: string): Promise<boolean> {
  const bytes = await readFile(binary).catch(() => undefined);
  return bytes?.includes(builtFrom) === true;
}

/** Makes the folder, and deletes what an interrupted download or build left there long ago. */
export function openCache(cacheDir: string): void {
  mkdirSync(cacheDir, { recursive: true });
  const longAgo = Date.now() - 3_600_000;
  for (const name of readdirSync(cacheDir).filter((entry) => entry.startsWith('partial-'))) {
    const leftover = path.join(cacheDir, name);
    if (statSync(leftover).mtimeMs < longAgo) rmSync(leftover, { recursive: true, force: true });
  }
}
