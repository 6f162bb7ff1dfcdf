import { randomInt } from 'node:crypto';
import { execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../support/eventually';
import { temporaryFolder } from '../support/processes/holdfast';
import { processesOf } from './processes-of';

jest.setTimeout(60_000);

const checkout = path.resolve(__dirname, '../..');
/** Of this run alone: what another one left behind must not be taken for its own. */
const naptime = randomInt(100_000, 1_000_000);
const slowInstall = `{ "scripts": { "install": "sleep ${naptime}" },`;
const lockfile = {
  ...{ name: 'mini', version: '1.0.0', lockfileVersion: 3, requires: true },
  packages: {
    '': { name: 'mini', version: '1.0.0', dependencies: { dependency: 'file:dependency' } },
    dependency: { version: '1.0.0' },
    'node_modules/dependency': { resolved: 'dependency', link: true },
  },
};
let folder: ReturnType<typeof temporaryFolder>;
let dir: string;

/** A checkout with a build that only counts how often it runs, and one package, which is not fetched. */
beforeEach(() => {
  folder = temporaryFolder();
  dir = folder.dir;
  cpSync(path.join(checkout, 'scripts'), path.join(dir, 'scripts'), { recursive: true });
  for (const name of ['src', 'workflows', 'activities']) mkdirSync(path.join(dir, name));
  writeFileSync(path.join(dir, 'src/a.ts'), 'export {};\n');
  for (const name of ['tsconfig.json', 'tsconfig.build.json']) writeFileSync(at(name), '{}');
  mkdirSync(at('dependency'));
  writeFileSync(at('dependency/package.json'), '{ "name": "dependency", "version": "1.0.0" }');
  writeFileSync(
    at('package.json'),
    '{ "name": "mini", "version": "1.0.0", "dependencies": { "dependency": "file:dependency" } }',
  );
  writeFileSync(at('package-lock.json'), JSON.stringify(lockfile));
  writeFileSync(
    at('scripts/build.mjs'),
    `import { appendFileSync } from 'node:fs';
     import { buildHash, stamps, writeStamp } from './stamps.mjs';
     appendFileSync('builds', '.');
     if (process.env.BROKEN) process.exit(1);
     writeStamp(stamps.build, buildHash());`,
  );
});
afterEach(() => folder.remove());

function at(name: string): string {
  return path.join(dir, name);
}

async function prepare(env: Record<string, string> = {}): Promise<string> {
  const script = at('scripts/prepare.mjs');
  const options = { cwd: '/', env: { ...process.env, ...env } };
  return (await promisify(execFile)(process.execPath, [script], options)).stderr;
}

function builds(): number {
  return existsSync(at('builds')) ? readFileSync(at('builds'), 'utf8').length : 0;
}

test('a fresh clone is installed and built; the second time there is nothing to do', async () => {
  const first = await prepare();
  expect(first).toMatch(/installing packages(.|\n)*building/);
  expect(await prepare()).toBe('');
  expect(builds()).toBe(1);
});

test('another lockfile is installed, another source is built, and nothing more', async () => {
  await prepare();
  writeFileSync(at('src/a.ts'), 'export const b = 1;\n');
  expect(await prepare()).not.toContain('installing');
  expect(builds()).toBe(2);
  rmSync(at('src/a.ts'));
  await prepare();
  expect(builds()).toBe(3);
  writeFileSync(at('package-lock.json'), `${readFileSync(at('package-lock.json'), 'utf8')}\n`);
  expect(await prepare()).toContain('installing');
});

test('a build that fails stops everything, and is tried again', async () => {
  await expect(prepare({ BROKEN: '1' })).rejects.toThrow('build.mjs ended with 1');
  await prepare();
  expect(builds()).toBe(2);
});

test('two at once take turns: one works, the other finds it done', async () => {
  await Promise.all([prepare(), prepare()]);
  expect(builds()).toBe(1);
});

test('it can be interrupted at any time: nothing goes on, and the next one starts over', async () => {
  writeFileSync(
    at('package.json'),
    readFileSync(at('package.json'), 'utf8').replace('{', slowInstall),
  );
  const child = spawn(process.execPath, [at('scripts/prepare.mjs')], { stdio: 'ignore' });
  await eventually(() => expect(processesOf(`sleep ${naptime}`)).not.toEqual([]));
  child.kill('SIGINT');
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(130);
  expect(processesOf(`sleep ${naptime}`)).toEqual([]);
  expect(existsSync(at('dist/.preparing'))).toBe(false);
  writeFileSync(
    at('package.json'),
    readFileSync(at('package.json'), 'utf8').replace(slowInstall, '{'),
  );
  expect(await prepare()).toContain('installing');
});

test('the lock of a process that is gone is passed over', async () => {
  mkdirSync(at('dist'));
  writeFileSync(at('dist/.preparing'), '4194304999');
  await prepare();
  expect(builds()).toBe(1);
});
