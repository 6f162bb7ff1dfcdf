import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '../eventually';
import { keepDataFolder } from '../secret-scan/data-folder';

const dist = path.resolve(__dirname, '../../../dist/src');

/** The built command, run as a person would. */
export interface Run {
  child: ChildProcess;
  pid: number;
  /** Both outputs so far. */
  output(): string;
  /** Settles with the exit code, or the signal's name. */
  ended: Promise<number | string>;
  /** @throws Error with the output where `text` doesn't appear, or the command ends before */
  says(text: string, timeoutMs?: number): Promise<void>;
}

export interface RunOptions {
  cwd: string;
  env?: Record<string, string>;
  /** Within the build; default: the command itself. */
  script?: string;
}

/** Runs `holdfast <args>` in a process group of its own, without this process's own settings. */
export function holdfast(args: string[], { cwd, env = {}, script = 'cli.js' }: RunOptions): Run {
  const file = path.join(dist, script);
  if (!existsSync(file)) throw new Error('nothing is built: npm run build');
  const child = spawn(process.execPath, [file, ...args], {
    cwd,
    env: { ...cleanEnvironment(), ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the command did not start');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  let over = false;
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      over = true;
      resolve(code ?? signal ?? 'unknown');
    });
  });
  const says = async (text: string, timeoutMs = 60_000) => {
    await eventually(
      () => {
        if (!output.includes(text) && !over) throw new Error(`not said: ${text}\n${output}`);
      },
      { timeoutMs },
    );
    if (!output.includes(text)) throw new Error(`it ended without saying: ${text}\n${output}`);
  };
  return { child, pid, output: () => output, ended, says };
}

function cleanEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
    TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml',
    // Test files run side by side.
    HOLDFAST_WORKER_PORT: '0',
  };
}

/** A folder that another user may pass through. */
export function temporaryFolder(): { dir: string; remove(): void } {
  const dir = mkdtempSync(path.join(tmpdir(), 'holdfast-run-'));
  chmodSync(dir, 0o755);
  return {
    dir,
    remove: () => {
      keepDataFolder(dir);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
