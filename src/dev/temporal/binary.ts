import { existsSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../lib/errors';
import type { Progress } from '../progress';
import { StartError } from '../start-error';
import { buildTemporal, type BuildOptions } from './build';
import { absent, cachedTemporal, usualCacheDir, type Found } from './cache';
import { type Archive, downloadTemporal } from './download';
import { oldestTemporal, usableVersion } from './version';

export interface LadderOptions extends Pick<BuildOptions, 'go' | 'started'> {
  progress: Progress;
  /** The value of `PATH`. */
  searchPath: string | undefined;
  /** Default `~/.cache/holdfast`. */
  cacheDir?: string;
  /** Default: the official one for this machine. */
  archive?: Archive;
}

/**
 * The `temporal` command: on the PATH, kept from before, downloaded, or built with Go.
 * @throws StartError that says what was tried and what to install
 */
export async function findTemporal(options: LadderOptions): Promise<Found> {
  const { progress, cacheDir = usualCacheDir } = options;
  const rungs: [string, () => Promise<Found>][] = [
    ['"temporal" on the PATH', () => onPath(options.searchPath)],
    ['kept from before', () => cachedTemporal(cacheDir)],
    [
      'the official download',
      () =>
        progress.during('downloading Temporal', () => downloadTemporal(cacheDir, options.archive)),
    ],
    ['a build with Go', () => buildTemporal({ ...options, cacheDir, begin: progress.begin })],
  ];
  const failures: string[] = [];
  for (const [name, take] of rungs) {
    try {
      return await take();
    } catch (error) {
      failures.push(`  ${name}: ${messageOf(error)}`);
      if (messageOf(error) !== absent) progress.say(`Temporal, ${name}: ${messageOf(error)}`);
    }
  }
  throw new StartError(
    [
      'No Temporal server could be had. Tried:',
      ...failures,
      `Install the "temporal" command (${oldestTemporal} or later, https://docs.temporal.io/cli) or Go, or set TEMPORAL_ADDRESS to a server.`,
    ].join('\n'),
  );
}

async function onPath(searchPath = ''): Promise<Found> {
  const binary = searchPath
    .split(path.delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, 'temporal'))
    .find((candidate) => existsSync(candidate));
  if (binary === undefined) throw new Error(absent);
  return { binary, version: await usableVersion(binary) };
}
