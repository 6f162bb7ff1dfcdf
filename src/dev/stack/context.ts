import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Environment } from '../../config';
import type { Releases } from '../process/releases';
import type { Progress } from '../progress';
import type { StackDir } from './layout';
import type { StackSecrets } from './secrets';
import type { StackPorts } from './stack-ports';
import { supervise, type Service } from './supervise';

export interface StackOptions {
  env: Environment;
  /** Holdfast's own folder: `deploy/` and `dist/` are in it. */
  root: string;
  paths: StackDir;
  progress: Progress;
  releases: Releases;
}

/** What each step of a start needs. */
export interface StackContext extends StackOptions {
  ports: StackPorts;
  secrets: StackSecrets;
}

/** The text of a file that Compose has, too. */
export const deployText = ({ root }: StackOptions, file: string): string =>
  readFileSync(path.join(root, 'deploy', file), 'utf8');

/** Starts services beside each other, kept running until the stack stops. @param name what is then said to stop */
export async function keepRunning(
  { paths, progress, releases }: StackOptions,
  name: string,
  services: readonly Service[],
): Promise<void> {
  const { stopped, ready } = paths;
  const starts = await Promise.allSettled(
    services.map((service) => supervise(service, { stopped, ready, say: progress.say })),
  );
  const ends = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  releases.add(name, () => Promise.all(ends.map((end) => end())));
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
