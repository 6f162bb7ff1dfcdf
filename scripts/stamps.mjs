// What was installed and built, as hashes in files that vanish with what they describe.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
// An image is built without the benchmarks.
export const sources = ['src', 'workflows', 'activities', 'bench'];
const buildFiles = [
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/build.mjs',
  'scripts/remove-stale.mjs',
];

export const stamps = {
  install: path.join(root, 'node_modules/.holdfast-stamp'),
  build: path.join(root, 'dist/.holdfast-stamp'),
};

export function installHash() {
  const lockfile = readFileSync(path.join(root, 'package-lock.json'));
  const runtime = `${process.version} ${process.platform} ${process.arch}`;
  return createHash('sha256').update(lockfile).update(runtime).digest('hex');
}

export function buildHash() {
  const hash = createHash('sha256');
  for (const file of [...buildFiles, ...sources.flatMap((folder) => filesUnder(folder))]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Paths from `base`, in order; none where there is no such folder. */
export function filesUnder(folder, base = root) {
  if (!existsSync(path.join(base, folder))) return [];
  return readdirSync(path.join(base, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(base, path.join(entry.parentPath, entry.name)))
    .sort();
}

export function isFresh(stamp, hash) {
  try {
    return readFileSync(stamp, 'utf8') === hash;
  } catch {
    return false;
  }
}

export function writeStamp(stamp, hash) {
  writeFileSync(stamp, hash);
}
