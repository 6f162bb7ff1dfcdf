import { spawn, type StdioOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';

export interface GuardedCommand {
  command: string;
  args: readonly string[];
  options?: { cwd?: string; uid?: number; gid?: number };
  /** Its environment; default: this process's. Not on a command line, where everybody could read it. */
  env?: Record<string, string>;
  /** Where both outputs are appended to. */
  logFile: string;
  /** Holds the command's process number while it runs. */
  pidFile?: string;
  stopSignal: 'SIGINT' | 'SIGTERM';
  /** How long the command has to end after the signal, in milliseconds. */
  graceMs: number;
  /** Files and folders that the guard deletes once the command has ended because it was stopped. */
  removeWhenStopped?: readonly string[];
}

export interface Guarded {
  /** Settles once the command has ended, with its exit code (128 + n for signal n). */
  readonly exited: Promise<number>;
  hasExited(): boolean;
  stop(): Promise<void>;
}

/** Runs a command that can't outlive this process, not even when this process is killed. */
export function runGuarded(spec: GuardedCommand): Guarded {
  const { logFile, env, ...command } = spec;
  const log = openSync(logFile, 'a', 0o600);
  const stdio: StdioOptions = ['pipe', log, log];
  const guard = spawn(
    process.execPath,
    [path.join(__dirname, 'guard.mjs'), JSON.stringify({ removeWhenStopped: [], ...command })],
    { detached: true, stdio, ...(env === undefined ? {} : { env }) },
  );
  closeSync(log);
  guard.stdin?.on('error', () => undefined);
  const exited = new Promise<number>((resolve) => {
    guard.once('error', () => resolve(127));
    guard.once('exit', (code) => {
      if (code === null) endGroup(guard.pid);
      resolve(code ?? 137);
    });
  });
  return {
    exited,
    hasExited: () => guard.exitCode !== null || guard.signalCode !== null,
    stop: async () => {
      guard.stdin?.end();
      await exited;
    },
  };
}

/** A guard that was killed itself leaves its command behind, in the group that it led. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing was left.
  }
}
