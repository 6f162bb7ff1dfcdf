import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { runGuarded, type Guarded } from '../process/guarded';
import { keptIn, openCache, type Found } from './cache';
import { pinnedVersion, usableVersion } from './version';

const command = 'github.com/temporalio/cli/cmd/temporal';
const versionSymbol = 'github.com/temporalio/cli/internal/temporalcli.Version';

export interface BuildOptions {
  cacheDir: string;
  /** Told which step is under way; its result is called when the step has ended. */
  begin: (step: string) => () => void;
  /** Default `go`. */
  go?: string | undefined;
  /** Given each process that runs, so that a stop can wait for its end. */
  started?: ((process: Guarded) => void) | undefined;
}

/**
 * Builds the command from its Go module, pinned by cli/go.sum, and keeps it in the cache.
 * @throws Error where Go is missing, too old, or fails
 */
export async function buildTemporal(options: BuildOptions): Promise<Found> {
  openCache(options.cacheDir);
  const dir = mkdtempSync(path.join(options.cacheDir, 'partial-'));
  const built = path.join(dir, 'temporal');
  const go = async (step: string, args: readonly string[]) => {
    const end = options.begin(`building Temporal ${pinnedVersion} with Go: ${step}`);
    try {
      await runGo(options, args, path.join(dir, 'go.log'));
    } finally {
      end();
    }
  };
  try {
    await go('downloading modules', ['list', '-mod=readonly', '-deps', command]);
    await go('compiling (about three minutes the first time)', [
      ...['build', '-mod=readonly', '-buildvcs=false'],
      ...['-ldflags', `-s -w -X ${versionSymbol}=${pinnedVersion}`],
      ...['-o', built, command],
    ]);
    const version = await usableVersion(built);
    const binary = keptIn(options.cacheDir);
    renameSync(built, binary);
    return { binary, version };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function runGo(
  { go = 'go', started }: BuildOptions,
  args: readonly string[],
  logFile: string,
): Promise<void> {
  const running = runGuarded({
    command: go,
    args,
    options: { cwd: path.join(__dirname, 'cli') },
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
