import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createProgress } from '../../../src/dev/progress';
import { earlierStackGone } from '../../../src/dev/stack/earlier-stack';
import { openStackDir } from '../../../src/dev/stack/layout';
import { eventually } from '../../support/eventually';

const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-stack-'));
const paths = openStackDir(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a start waits for what a killed stack left running, and for no number that is another program now', async () => {
  const program = ['--eval', 'process.stdin.resume()', paths.proxyConfig];
  const proxy = spawn(process.execPath, program, { stdio: ['pipe', 'ignore', 'ignore'] });
  await once(proxy, 'spawn');
  writeFileSync(paths.pidOf('proxy'), `${proxy.pid ?? ''}\n`);
  writeFileSync(paths.pidOf('worker-1'), `${process.pid}\n`);
  const said: string[] = [];
  const progress = createProgress((line) => said.push(line));
  let isOver = false;
  const over = earlierStackGone({ root: folder, paths, progress }).then(() => {
    isOver = true;
  });

  await eventually(() => expect(existsSync(paths.pidOf('worker-1'))).toBe(false));
  expect([isOver, existsSync(paths.pidOf('proxy'))]).toEqual([false, true]);
  proxy.stdin.end();
  await over;
  expect(readdirSync(paths.pids)).toEqual([]);
  expect(said.join('\n')).toContain('waiting for the end of an earlier stack');

  said.length = 0;
  await earlierStackGone({ root: folder, paths, progress });
  expect(said).toEqual([]);
});
