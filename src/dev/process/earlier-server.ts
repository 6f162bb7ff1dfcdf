import { existsSync, readFileSync, rmSync } from 'node:fs';
import { commandOf } from './command-of';
import { StartError } from '../start-error';
import { waitUntil } from './wait-until';

export interface EarlierServer {
  name: string;
  /** Its first line is the process's number. */
  pidFile: string;
  /** A path that its command line names; another process with that number is none of ours. */
  marker: string;
  /** How long it may take to end because its `start` was killed; default: 20 s. */
  patienceMs?: number;
}

/**
 * Waits for a server of an earlier start, and clears away the number that a killed one left behind.
 * @throws StartError where it goes on running
 */
export async function earlierServerGone({
  name,
  pidFile,
  marker,
  patienceMs = 20_000,
}: EarlierServer): Promise<void> {
  if (!existsSync(pidFile)) return;
  await waitUntil(
    () => {
      const pid = firstLine(pidFile);
      if (commandOf(pid)?.includes(marker) !== true) return;
      throw new StartError(
        `An earlier ${name} (process ${pid}) is still running on ${marker}. Stop it: kill -INT ${pid}`,
      );
    },
    { timeoutMs: patienceMs, everyMs: 100 },
  );
  rmSync(pidFile, { force: true });
}

function firstLine(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8').split('\n')[0]);
  } catch {
    return 0;
  }
}
