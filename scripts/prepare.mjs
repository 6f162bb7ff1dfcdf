// Before `npm start` and `npm run demo`: installs and builds what is missing or stale. `prepare.mjs install` builds
// nothing: most tests read the sources.
// Node's builtins only: on a fresh clone there is nothing else.
import { alone } from './lock.mjs';
import { run, say, step } from './run.mjs';
import { buildHash, installHash, isFresh, stamps, writeStamp } from './stamps.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 20)) {
  say(`Node ${process.version} is too old: Holdfast needs 20.20 or later`);
  process.exit(1);
}

try {
  await alone(async (runs) => {
    const hash = installHash();
    if (!isFresh(stamps.install, hash)) {
      await step('installing packages (about a minute)', () => npm(runs, 'ci', '--include=dev'));
      writeStamp(stamps.install, hash);
    }
    if (process.argv[2] !== 'install' && !isFresh(stamps.build, buildHash())) {
      await step('building', () => run(process.execPath, ['scripts/build.mjs'], runs));
    }
  });
} catch (error) {
  say(error.message);
  process.exit(1);
}

function npm(runs, ...args) {
  const script = process.env.npm_execpath;
  return script ? run(process.execPath, [script, ...args], runs) : run('npm', args, runs);
}
