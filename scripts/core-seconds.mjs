import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Processor time of this process and of all that it started and waited for, with theirs (proc(5), `stat`: utime,
 * stime, cutime, cstime): what other processes do on the machine doesn't count.
 * @returns {number} seconds; not a number where there is no /proc
 */
export function coreSeconds() {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    // The command's name may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return ticks / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  } catch {
    return Number.NaN;
  }
}
