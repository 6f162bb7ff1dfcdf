import { execFileSync } from 'node:child_process';
import { eventually } from '../support/eventually';

/** The processes that name this folder in their command line: process id and command. */
export function processesOf(dir: string): { pid: number; command: string }[] {
  const table = execFileSync('ps', ['-eo', 'pid=,args=', '-ww'], { encoding: 'utf8' });
  return table
    .split('\n')
    .filter((line) => line.includes(dir))
    .map((line) => ({ pid: Number.parseInt(line, 10), command: line.trim().replace(/^\d+ /, '') }));
}

/** @throws Error with their names where some are left */
export async function nothingLeft(dir: string): Promise<void> {
  await eventually(
    () => {
      const left = processesOf(dir);
      if (left.length > 0) throw new Error(left.map(({ command }) => command).join('\n'));
    },
    { timeoutMs: 20_000, everyMs: 100 },
  );
}
