import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What is downloaded, and what is built: `cli/go.mod` has the same. */
export const pinnedVersion = '1.8.2';

/** Older dev servers know update-with-start only behind a switch. */
export const oldestTemporal = '1.4.0';

/**
 * The version of a `temporal` command.
 * @throws Error with a sentence where it doesn't run or is too old
 */
export async function usableVersion(binary: string): Promise<string> {
  const version = await versionOf(binary);
  if (version === undefined) throw new Error(`${binary} does not run, or is another command`);
  if (isOlder(version, oldestTemporal)) {
    throw new Error(`${binary} is version ${version}; ${oldestTemporal} or later is needed`);
  }
  return version;
}

async function versionOf(binary: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(binary, ['--version'], { timeout: 15_000 });
    return /temporal version v?(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

export function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0;
}
