import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { promisify } from 'node:util';
import { fetchFailure } from '../../lib/errors';
import { keptIn, openCache, type Found } from './cache';
import { pinnedVersion, usableVersion } from './version';

const releases = 'https://github.com/temporalio/cli/releases/download';

/**
 * SHA-256 of the release's archives: for each of them two public projects, which pin this release on their own, have the
 * same one. Nobody has compared them with the release's `checksums.txt`. A change of `pinnedVersion` needs new ones, on which two
 * such sources agree.
 */
const sums: Readonly<Record<string, string>> = {
  darwin_amd64: '489d7f5420cae02b559774ac23df035141954c33a51dba96f5759a0ddccdf1b6',
  darwin_arm64: 'dacdc3587682c04cf27e67c8878ca2d755230b6ad63c0c6ebddd7348ae90ed94',
  linux_amd64: 'd8421bda989e6514b4bdb4d63a9012a8a05a806892e881a5aad8510496349a94',
  linux_arm64: '83600a8fac6e3da54093e5da6918d399f501532b9f1172235603f9606f4ac6e4',
};

/** An archive with the command in it, and nothing else that counts. */
export interface Archive {
  url: string;
  /** Hexadecimal. */
  sha256: string;
}

const answerTimeoutMs = 10_000;
const downloadTimeoutMs = 300_000;

/** @throws Error where there is none for that machine. @param arch as Node calls it */
export function officialArchive(platform: string, arch: string): Archive {
  const machine = `${platform}_${arch === 'x64' ? 'amd64' : arch}`;
  const sha256 = sums[machine];
  if (sha256 === undefined) throw new Error(`there is none for ${platform} on ${arch}`);
  const file = `temporal_cli_${pinnedVersion}_${machine}.tar.gz`;
  return { url: `${releases}/v${pinnedVersion}/${file}`, sha256 };
}

/**
 * The official download of the pinned version, kept in `cacheDir`. Nothing of it is unpacked before its sum is the known
 * one: it would be run.
 *
 * @throws Error where it can't be had, is another one, or doesn't run
 */
export async function downloadTemporal(
  cacheDir: string,
  official = officialArchive(process.platform, process.arch),
): Promise<Found> {
  openCache(cacheDir);
  const dir = mkdtempSync(path.join(cacheDir, 'partial-'));
  try {
    const archive = path.join(dir, 'archive.tar.gz');
    await fetchTo(archive, official.url);
    await checkSum(archive, official);
    await promisify(execFile)('tar', ['-xzf', archive, '-C', dir, 'temporal']);
    const arrived = path.join(dir, 'temporal');
    const version = await usableVersion(arrived);
    const binary = keptIn(cacheDir);
    renameSync(arrived, binary);
    return { binary, version };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function checkSum(file: string, { url, sha256 }: Archive): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const arrived = hash.digest('hex');
  if (arrived === sha256) return;
  throw new Error(
    `${new URL(url).host}: what arrived is not the release: its SHA-256 is ${arrived}, not ${sha256}`,
  );
}

async function fetchTo(file: string, archiveUrl: string): Promise<void> {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(), answerTimeoutMs);
  try {
    const response = await fetch(archiveUrl, { signal: abort.signal });
    if (!response.ok || response.body === null) {
      throw new Error(`the server answered ${response.status}`);
    }
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(), downloadTimeoutMs);
    await pipeline(
      Readable.fromWeb(response.body as ReadableStream<Uint8Array>),
      createWriteStream(file),
    );
  } catch (cause) {
    throw new Error(`${new URL(archiveUrl).host}: ${reasonOf(cause)}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(error: unknown): string {
  const isLate = error instanceof Error && error.name === 'AbortError';
  return isLate ? 'no answer in time' : fetchFailure(error);
}
