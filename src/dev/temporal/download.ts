import { execFile } from 'node:child_process';
import { createWriteStream, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { promisify } from 'node:util';
import { openCache, type Found } from './cache';
import { usableVersion } from './version';

const officialArchive = 'https://temporal.download/cli/archive/latest';
const answerTimeoutMs = 10_000;
const downloadTimeoutMs = 300_000;

/**
 * The official download, kept in `cacheDir`.
 * @throws Error where it can't be had, or what arrives doesn't run
 */
export async function downloadTemporal(
  cacheDir: string,
  archiveUrl = officialArchive,
): Promise<Found> {
  openCache(cacheDir);
  const dir = mkdtempSync(path.join(cacheDir, 'partial-'));
  try {
    const archive = path.join(dir, 'archive.tar.gz');
    await fetchTo(archive, archiveUrl);
    await promisify(execFile)('tar', ['-xzf', archive, '-C', dir, 'temporal']);
    const arrived = path.join(dir, 'temporal');
    const version = await usableVersion(arrived);
    const binary = path.join(cacheDir, `temporal-${version}`);
    renameSync(arrived, binary);
    return { binary, version };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function fetchTo(file: string, archiveUrl: string): Promise<void> {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(), answerTimeoutMs);
  try {
    const response = await fetch(archiveAddress(archiveUrl), { signal: abort.signal });
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

function archiveAddress(archiveUrl: string): URL {
  const address = new URL(archiveUrl);
  address.searchParams.set('platform', process.platform);
  address.searchParams.set('arch', process.arch === 'x64' ? 'amd64' : process.arch);
  return address;
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return 'no answer in time';
  return error.cause instanceof Error ? error.cause.message : error.message;
}
