import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../support/processes/holdfast';

const checkout = path.resolve(__dirname, '../..');
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => (folder = temporaryFolder()));
afterEach(() => folder.remove());

const at = (name: string) => path.join(folder.dir, name);

function write(...names: string[]) {
  for (const name of names) {
    mkdirSync(path.dirname(at(name)), { recursive: true });
    writeFileSync(at(name), '');
  }
}

test('a build keeps nothing of a source that was moved, merged or renamed', () => {
  cpSync(path.join(checkout, 'scripts'), at('scripts'), { recursive: true });
  const stale = [
    'src/config.js',
    'src/config.d.ts',
    'src/config.js.map',
    'src/db/migrations/1_a.sql',
  ];
  const wanted = ['src/config/index.js', 'src/db/migrations/1_b.sql', 'workflows/index.js'];
  const others = ['workflow-bundle.js', 'web/assets/page.js'];
  write('src/config/index.ts', 'src/db/migrations/1_b.sql', 'workflows/index.ts');
  write(...[...stale, ...wanted, ...others].map((name) => `dist/${name}`));
  const script = `import('${at('scripts/remove-stale.mjs')}').then((it) => it.removeStale())`;
  execFileSync(process.execPath, ['--eval', script]);
  expect(stale.filter((name) => existsSync(at(`dist/${name}`)))).toEqual([]);
  expect([...wanted, ...others].filter((name) => !existsSync(at(`dist/${name}`)))).toEqual([]);
});
