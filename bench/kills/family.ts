import { execFileSync } from 'node:child_process';

/** A process and all that it has started, the first one first. @throws Error where there is no `ps` */
export function familyOf(pid: number): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const family = [pid];
  for (const one of family) {
    for (const [child, parent] of table) {
      if (parent === one && child !== undefined) family.push(child);
    }
  }
  return family;
}

/**
 * Signals a process and all that it has started. It is stopped first, so that it starts nobody meanwhile.
 * @throws Error where there is no such process
 */
export function signalFamily(pid: number, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
  if (signal !== 'SIGCONT') process.kill(pid, 'SIGSTOP');
  for (const one of familyOf(pid)) {
    try {
      process.kill(one, signal);
    } catch (error) {
      // It ended by itself meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
