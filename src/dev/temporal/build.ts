import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { keptIn, openCache, type Found } from './cache';
import { type GoOptions, runGo } from './go';
import { pinnedVersion, usableVersion } from './version';

const command = 'github.com/temporalio/cli/cmd/temporal';
const versionSymbol = 'github.com/temporalio/cli/internal/temporalcli.Version';

export interface BuildOptions extends GoOptions {
  cacheDir: string;
  /** Told which step is under way; its result is called when the step has ended. */
  begin: (step: string) => () => void;
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
      await runGo(path.join(__dirname, 'cli'), args, {
        ...options,
        logFile: path.join(dir, 'go.log'),
      });
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
