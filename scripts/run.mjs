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

/** Runs a command; its output appears only if it fails. Ends with us, however we are asked to. */
export function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => output.push(chunk));
    }
    const stop = (signal) => {
      child.kill(signal);
      process.exit(signal === 'SIGINT' ? 130 : 143);
    };
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM']) process.off(name, stop);
      if (code === 0) return resolve();
      process.stderr.write(Buffer.concat(output));
      reject(new Error(`${[command, ...args].join(' ')} ended with ${signal ?? code}`));
    });
  });
}
