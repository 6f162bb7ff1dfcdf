// Prometheus' own programs: those on PATH, else Debian's, unpacked into node_modules/.cache.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root } from '../stamps.mjs';

const cache = path.join(root, 'node_modules/.cache/prometheus');

/**
 * @param {'promtool' | 'prometheus'} program
 * @returns {string} what to run
 * @throws Error where it is neither on PATH nor to be had from Debian
 */
export function findProgram(program) {
  if (spawnSync(program, ['--version']).status === 0) return program;
  const unpacked = path.join(cache, 'usr/bin', program);
  if (!existsSync(unpacked)) unpack();
  return unpacked;
}

/** Nothing is installed: no service starts, and no right of root is needed. */
function unpack() {
  const above = path.dirname(cache);
  mkdirSync(above, { recursive: true });
  // Whole or not at all, also where it is interrupted.
  const folder = mkdtempSync(path.join(above, 'prometheus-'));
  try {
    run('apt-get', ['download', 'prometheus'], folder);
    const file = readdirSync(folder).find((name) => name.endsWith('.deb'));
    if (file === undefined) throw new Error('apt-get downloaded no package');
    run('dpkg', ['-x', file, '.'], folder);
    rmSync(path.join(folder, file));
    rmSync(cache, { recursive: true, force: true });
    renameSync(folder, cache);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function run(command, words, cwd) {
  const { status, error, stderr } = spawnSync(command, words, { cwd, encoding: 'utf8' });
  if (status === 0) return;
  const why = error?.message ?? stderr.trim();
  throw new Error(
    `There is no promtool on PATH, and "${command} ${words.join(' ')}" failed: ${why}`,
  );
}
