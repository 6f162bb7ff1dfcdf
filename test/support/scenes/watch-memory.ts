import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const everyMs = 500;

/** The memory of a process, read now and then. */
export interface MemoryWatch {
  /** Resident, in MB, one for each reading. @throws where the process could not be looked at */
  stop(): Promise<number[]>;
}

export function watchMemory(pid: number): MemoryWatch {
  const sizes: number[] = [];
  const readings: Promise<void>[] = [];
  const read = async () => {
    const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
    sizes.push(Math.round(Number(stdout) / 1024));
  };
  const timer = setInterval(() => {
    const reading = read();
    // It is looked at in the end.
    reading.catch(() => undefined);
    readings.push(reading);
  }, everyMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(readings);
      return sizes;
    },
  };
}
