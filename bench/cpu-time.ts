import { readdirSync, readFileSync } from 'node:fs';

/** Of what `/proc` counts in: a hundredth of a second on every Linux that Node runs on. */
const tickMicroseconds = 10_000;

/**
 * The processor time that a process and its children have used so far, in microseconds. Unlike a rate it says
 * the same on a busy machine as on an idle one.
 *
 * @returns null where the system has no `/proc`
 */
export function cpuMicroseconds(pid: number): number | null {
  try {
    return [pid, ...childrenOf(pid)].reduce((sum, one) => sum + ticksOf(one), 0) * tickMicroseconds;
  } catch {
    return null;
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((one) => Number.isInteger(one) && one !== pid && parentOf(one) === pid);
}

function parentOf(pid: number): number | null {
  try {
    return Number(fieldsOf(pid)[1]);
  } catch {
    // It has ended meanwhile.
    return null;
  }
}

/** In user mode and in the kernel, its own and that of its children that have ended. */
function ticksOf(pid: number): number {
  return fieldsOf(pid)
    .slice(11, 15)
    .reduce((sum, ticks) => sum + Number(ticks), 0);
}

/** proc(5), `/proc/<pid>/stat`, from the third field on: a command's name may hold anything but its last `)`. */
function fieldsOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}
