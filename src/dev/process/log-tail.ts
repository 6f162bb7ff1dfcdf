import { readFileSync } from 'node:fs';

/** A sentence that shows how a server's log ends. */
export function logTail(file: string): string {
  try {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8);
    return `Its log (${file}) ends with:\n${lines.join('\n')}`;
  } catch {
    return `It left no log (${file}).`;
  }
}
