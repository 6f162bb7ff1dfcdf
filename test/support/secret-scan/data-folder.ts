import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { noteText } from '../recorder/record';

/**
 * Keeps the logs of a local stack, and the bytes of its Temporal server's file, deleted histories
 * too. A secret that lies across two of the file's pages is not seen.
 *
 * @param dir where the stack was started
 */
export function keepDataFolder(dir: string): void {
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    const base = path.basename(name);
    const isHistory = /^temporal\.db(?:-wal)?$/.test(base);
    if (!isHistory && !base.endsWith('.log')) continue;
    const sink = isHistory ? 'workflow history' : 'process output';
    noteText(sink, readFileSync(path.join(dir, name)), base);
  }
}
