import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runGuarded, type Guarded } from '../process/guarded';

export interface GoOptions {
  /** Default `go`. */
  go?: string | undefined;
  /** Given each process that runs, so that a stop can wait for its end. */
  started?: ((process: Guarded) => void) | undefined;
}

/**
 * Runs Go in the folder of a module.
 * @param args for `go`
 * @throws Error where Go is missing or fails, with the end of what it said in `logFile`, whose folder a stop deletes
 */
export async function runGo(
  moduleDir: string,
  args: readonly string[],
  { go = 'go', started, logFile }: GoOptions & { logFile: string },
): Promise<void> {
  const running = runGuarded({
    command: go,
    args,
    options: { cwd: moduleDir },
    logFile,
    stopSignal: 'SIGINT',
    graceMs: 5_000,
    removeWhenStopped: [path.dirname(logFile)],
  });
  started?.(running);
  const code = await running.exited;
  if (code === 0) return;
  if (code === 127) throw new Error('Go is not installed');
  const output = readFileSync(logFile, 'utf8').trim().split('\n').slice(-3).join(' | ');
  throw new Error(`"go ${args[0] ?? ''}" ended with ${code}: ${output}`);
}
