import { readFileSync } from 'node:fs';
import type { Pool } from '../../../src/db/pool';

/** Processor time of a process with its connections' backends: unlike the time that passes, other work adds nothing. */
export interface ProcessorWatch {
  /** Clock ticks so far. */
  read(): Promise<number>;
}

/** @param applicationName of the process's connections to the pool's database */
export function watchProcessor(pid: number, pool: Pool, applicationName: string): ProcessorWatch {
  const ticks = new Map<number, number>();
  return {
    read: async () => {
      const { rows } = await pool.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = $1::text`,
        [applicationName],
      );
      for (const one of [pid, ...rows.map((row) => row.pid)]) {
        // A backend that ends meanwhile keeps what it had.
        ticks.set(one, Math.max(ticks.get(one) ?? 0, ticksOf(one)));
      }
      return [...ticks.values()].reduce((sum, some) => sum + some, 0);
    },
  };
}

/** utime and stime of proc(5), `stat`; 0 where the process has ended. */
function ticksOf(pid: number): number {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return 0;
  }
  // The command's name may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
