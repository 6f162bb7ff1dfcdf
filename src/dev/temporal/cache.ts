import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { isOlder, usableVersion } from './version';

export const usualCacheDir = path.join(homedir(), '.cache', 'holdfast');

/** Says that there is nothing to try, which is nothing to worry about. */
export const absent = 'not there';

export interface Found {
  binary: string;
  version: string;
}

/**
 * The newest command that an earlier download or build left.
 * @throws Error where there is none
 */
export async function cachedTemporal(cacheDir: string): Promise<Found> {
  for (const binary of candidates(cacheDir)) {
    const version = await usableVersion(binary).catch(() => undefined);
    if (version !== undefined) return { binary, version };
  }
  throw new Error(absent);
}

function candidates(cacheDir: string): string[] {
  try {
    const names = readdirSync(cacheDir).filter((name) => /^temporal-\d+\.\d+\.\d+$/.test(name));
    names.sort((one, other) => (isOlder(one, other) ? 1 : -1));
    return names.map((name) => path.join(cacheDir, name));
  } catch {
    return [];
  }
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
