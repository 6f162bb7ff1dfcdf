import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const scripts = path.resolve(__dirname, '../../scripts');

/** An empty folder for each test of a file, and a script of `scripts/` that looks at it. */
export function checkedFolder(script: string) {
  let root: string;
  beforeEach(() => (root = mkdtempSync(path.join(tmpdir(), 'holdfast-checked-'))));
  afterEach(() => rmSync(root, { recursive: true }));
  return {
    write: (file: string, ...lines: string[]): void => {
      const at = path.join(root, file);
      mkdirSync(path.dirname(at), { recursive: true });
      writeFileSync(at, lines.map((line) => `${line}\n`).join(''));
    },
    read: (file: string) => readFileSync(path.join(root, file), 'utf8'),
    check: (...words: string[]) => {
      const args = [path.join(scripts, script), ...words, root];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      return { status, stdout, faults: stderr.split('\n').slice(0, -1) };
    },
  };
}
