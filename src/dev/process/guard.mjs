// Stands between `holdfast start` and a server that it started, in a process group of its own: the
// terminal's Ctrl-C doesn't reach the server, and when whoever started it is gone, however it went,
// the pipe on standard input closes and the server is ended. Plain JavaScript, so that it runs from
// the sources as from dist.
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';

const { command, args, options, pidFile, stopSignal, graceMs, removeWhenStopped } = JSON.parse(
  process.argv[2] ?? '',
);

// What servers write is nobody else's business.
process.umask(0o077);
const child = spawn(command, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] });

if (pidFile && child.pid) writeFileSync(pidFile, `${child.pid}\n`);

let stopping = false;
function stop() {
  if (stopping) return;
  stopping = true;
  child.kill(stopSignal);
  setTimeout(() => child.kill('SIGKILL'), graceMs);
}

process.stdin.on('end', stop).on('error', stop).resume();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);

function leave(code) {
  if (pidFile) rmSync(pidFile, { force: true });
  for (const path of stopping ? removeWhenStopped : [])
    rmSync(path, { recursive: true, force: true });
  process.exit(code);
}

child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  leave(127);
});
child.on('exit', (code, signal) => leave(code ?? 128 + (constants.signals[signal] ?? 0)));
