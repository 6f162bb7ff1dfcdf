import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './run.mjs';
import { root } from './stamps.mjs';

const file = path.join(root, 'dist/.preparing');

/** Runs `work` while no other process prepares this checkout. A holder that died is passed over. */
export async function alone(work) {
  mkdirSync(path.dirname(file), { recursive: true });
  for (let waits = 0; !take(); waits += 1) {
    const holder = Number(read());
    if (holder > 0 && !isAlive(holder)) rmSync(file, { force: true });
    else if (waits % 20 === 0) say(`waiting for process ${holder}, which prepares this checkout`);
    await sleep(200);
  }
  const release = () => rmSync(file, { force: true });
  process.on('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

function take() {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function read() {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
