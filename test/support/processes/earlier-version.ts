import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** The version whose processes have to go on running on today's schema: in time the release before. */
export const earlierCommit = 'a93b23635ec01d841d7b0337f074792c4d4dc6f5';
/** Its newest one. */
export const earlierMigration = '0017_people_and_operators';

const root = path.resolve(__dirname, '../../..');
const modules = path.join(root, 'node_modules');
const cache = path.join(modules, '.cache/holdfast-earlier');

/**
 * Builds that version with the packages of today, once for each installation. Two runs at once share the result.
 *
 * @returns its folder of migrations, and the file of its command
 * @throws Error where this clone doesn't have the commit, with what to do
 */
export async function buildEarlier(): Promise<{ cli: string; migrations: string }> {
  const home = path.join(cache, earlierCommit);
  if (!existsSync(home)) await build(home);
  return {
    cli: path.join(home, 'dist/src/cli.js'),
    migrations: path.join(home, 'dist/src/db/migrations'),
  };
}

async function build(home: string): Promise<void> {
  try {
    execFileSync('git', ['cat-file', '-e', `${earlierCommit}^{commit}`], { cwd: root });
  } catch {
    throw new Error(
      `the version before is built from commit ${earlierCommit}, which this clone doesn't have: git fetch --unshallow`,
    );
  }
  // Not below node_modules: TypeScript compiles nothing there.
  const dir = mkdtempSync(path.join(tmpdir(), 'holdfast-earlier-'));
  try {
    const archive = path.join(dir, 'sources.tar');
    execFileSync('git', ['archive', '--output', archive, earlierCommit], { cwd: root });
    execFileSync('tar', ['-xf', archive, '-C', dir]);
    symlinkSync(modules, path.join(dir, 'node_modules'));
    await compile(dir);
    mkdirSync(cache, { recursive: true });
    const made = mkdtempSync(path.join(cache, 'made-'));
    for (const part of ['dist', 'package.json']) {
      execFileSync('cp', ['-R', path.join(dir, part), made]);
    }
    try {
      renameSync(made, home);
    } catch (error) {
      // Another run was quicker.
      if (!existsSync(home)) throw error;
      rmSync(made, { recursive: true });
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const bundling = `
  const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');
  const at = (file) => process.cwd() + '/dist/' + file;
  bundleWorkflowCode({
    workflowsPath: at('workflows/index.js'),
    payloadConverterPath: at('workflows/payload-converter.js'),
    logger: new DefaultLogger('WARN'),
  }).then(({ code }) => require('node:fs').writeFileSync(at('workflow-bundle.js'), code));
`;

/** What `scripts/build.mjs` does, but without checking what was checked when it was written. */
async function compile(dir: string): Promise<void> {
  const run = (...args: string[]) => promisify(execFile)(process.execPath, args, { cwd: dir });
  const quick = ['--noCheck', '--declaration', 'false', '--incremental', 'false'];
  for (const project of ['tsconfig.build.json', 'src/web/client']) {
    await run('node_modules/typescript/bin/tsc', '-p', project, ...quick);
  }
  cpSync(path.join(dir, 'src'), path.join(dir, 'dist/src'), {
    recursive: true,
    filter: (file) => !/\.ts$|\bweb\/client\b/.test(file),
  });
  const assets = path.join(dir, 'dist/web/assets/idiomorph.js');
  const morph = path.join(modules, 'idiomorph/dist/idiomorph.min.js');
  writeFileSync(assets, `${readFileSync(morph, 'utf8')}\nexport { Idiomorph };\n`);
  await run('-e', bundling);
}
