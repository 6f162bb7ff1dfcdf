import { spawn } from 'node:child_process';
import { root } from './stamps.mjs';

const started = performance.now();
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(0)} s`;

export function say(message) {
  process.stderr.write(`holdfast: ${message}\n`);
}

/** Runs a step and says every few seconds that it is still at it. */
export async function step(name, work) {
  const since = performance.now();
  say(`${name} …`);
  const ticker = setInterval(() => say(`${name} … ${seconds(since)} so far`), 4_000);
  try {
    return await work();
  } finally {
    clearInterval(ticker);
    say(`${name}: ${seconds(since)} (${seconds(started)} since the start)`);
  }
}

const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
const linesShown = 60;

/**
 * Runs a command; its output appears only if it fails. Asked to end, it is killed with all that it
 * started, and waited for: an installation that takes itself back would meet the next one.
 * @param started is told the command's process number
 */
export function run(command, args, started = () => undefined) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) started(child.pid);
    const output = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => output.push(chunk));
    }
    let stopped;
    const stop = (signal) => {
      stopped = signal;
      process.kill(-child.pid, 'SIGKILL');
    };
    for (const signal of Object.keys(signals)) process.on(signal, stop);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const name of Object.keys(signals)) process.off(name, stop);
      if (stopped !== undefined) process.exit(signals[stopped]);
      if (code === 0) return resolve();
      const lines = Buffer.concat(output).toString().trimEnd().split('\n');
      process.stderr.write(`${lines.slice(-linesShown).join('\n')}\n`);
      reject(new Error(`${[command, ...args].join(' ')} ended with ${signal ?? code}`));
    });
  });
}
