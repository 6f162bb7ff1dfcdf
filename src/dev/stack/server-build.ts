import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../lib/errors';
import type { Progress } from '../progress';
import { StartError } from '../start-error';
import { openCache, usualCacheDir } from '../temporal/cache';
import { type GoOptions, runGo } from '../temporal/go';

const moduleDir = path.join(__dirname, 'server');
const packages = ['go.temporal.io/server/cmd/server', 'go.temporal.io/server/cmd/tools/sql'];

export interface ServerBinaries {
  version: string;
  /** Holds `temporal-server` and `temporal-sql-tool`, as the images call them. */
  folder: string;
}

/** The release that is built: `server/go.mod` has it, and docker-compose.temporal.yml the same. */
export function serverVersion(): string {
  const module = readFileSync(path.join(moduleDir, 'go.mod'), 'utf8');
  const [, version] = /^\s*(?:require )?go\.temporal\.io\/server v(\S+)/m.exec(module) ?? [];
  if (version === undefined) throw new Error('server/go.mod names no release of the server');
  return version;
}

/**
 * Temporal's server and the tool for its schema, kept from before or built from the Go module that server/go.sum pins.
 * @throws StartError where Go is missing or the build fails
 */
export async function findServer(
  progress: Progress,
  { cacheDir = usualCacheDir, ...go }: GoOptions & { cacheDir?: string },
): Promise<ServerBinaries> {
  const version = serverVersion();
  const folder = path.join(cacheDir, `temporal-server-${version}`);
  if (existsSync(folder)) return { version, folder };
  openCache(cacheDir);
  const dir = mkdtempSync(path.join(cacheDir, 'partial-'));
  const logFile = path.join(dir, 'go.log');
  const bin = `${path.join(dir, 'bin')}${path.sep}`;
  try {
    const step = `building Temporal's server ${version} with Go`;
    await progress.during(`${step}: downloading modules`, () =>
      runGo(moduleDir, ['list', '-mod=readonly', '-deps', ...packages], { ...go, logFile }),
    );
    await progress.during(`${step}: compiling (a few minutes the first time)`, () =>
      runGo(
        moduleDir,
        ['build', '-mod=readonly', '-buildvcs=false', '-ldflags', '-s -w', '-o', bin, ...packages],
        { ...go, logFile },
      ),
    );
    renameSync(path.join(bin, 'server'), path.join(bin, 'temporal-server'));
    renameSync(path.join(bin, 'sql'), path.join(bin, 'temporal-sql-tool'));
    renameSync(bin.slice(0, -1), folder);
    return { version, folder };
  } catch (cause) {
    throw new StartError(
      `Temporal's server could not be built: ${messageOf(cause)}. It takes Go and its module proxy; "npm start" does without.`,
      { cause },
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
