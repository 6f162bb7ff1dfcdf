import { readdirSync } from 'node:fs';
import path from 'node:path';
import { earlierServerGone } from '../process/earlier-server';
import type { StackOptions } from './context';

/** How long a process of a stack that was killed may take to end, in milliseconds: a worker has a minute. */
const earlierPatienceMs = 70_000;

/**
 * What a stack that was killed leaves behind ends a moment after it. Until then it has its ports, and the next
 * Temporal may not meet it in the database.
 * @throws StartError where something goes on running
 */
export async function earlierStackGone({
  root,
  paths,
  progress,
}: Pick<StackOptions, 'root' | 'paths' | 'progress'>): Promise<void> {
  const names = readdirSync(paths.pids);
  if (names.length === 0) return;
  const markers: Record<string, string> = {
    proxy: paths.proxyConfig,
    temporal: paths.temporalConfig,
    'holdfast-postgres': paths.holdfastPostgres,
    'temporal-postgres': paths.temporalPostgres,
  };
  const cli = path.join(root, 'dist/src/cli.js');
  await progress.during('waiting for the end of an earlier stack', () =>
    Promise.all(
      names.map((name) =>
        earlierServerGone({
          name,
          pidFile: paths.pidOf(name),
          marker: markers[name] ?? cli,
          patienceMs: earlierPatienceMs,
        }),
      ),
    ),
  );
}
