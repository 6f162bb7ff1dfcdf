import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './run.mjs';
import { root } from './stamps.mjs';

const file = path.join(root, 'dist/.preparing');
const own = `${file}-${process.pid}`;

/**
 * Runs `work` while no other process prepares this checkout. A holder that died is passed over, unless
 * what it ran lives on.
 * @param work is given a function to name the process that it runs
 */
export async function alone(work) {
  mkdirSync(path.dirname(file), { recursive: true });
  for (let waits = 0; !take(); waits += 1) {
    const holder = livingHolder(file);
    if (holder === undefined) clearAway();
    else if (waits % 20 === 0) say(`waiting for process ${holder}, which prepares this checkout`);
    await sleep(200);
  }
  const release = () => rmSync(file, { force: true });
  process.on('exit', release);
  try {
    return await work((pid) => {
      writeFileSync(own, `${process.pid} ${pid}`);
      renameSync(own, file);
    });
  } finally {
    process.off('exit', release);
    release();
  }
}

/** A link appears at once and whole: nobody ever reads half a lock. */
function take() {
  try {
    writeFileSync(own, String(process.pid));
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Another process may have been quicker, and the lock may be its by now: then it gets it back. */
function clearAway() {
  const aside = `${own}-stale`;
  try {
    renameSync(file, aside);
    if (livingHolder(aside) !== undefined) linkSync(aside, file);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function livingHolder(lock) {
  try {
    return readFileSync(lock, 'utf8').split(' ').map(Number).find(isAlive);
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
