// Records the histories of actors anew, beside those that are there: npm run histories -- <name>, such as the version that
// writes them. test/workflows/replay.test.ts replays them all from then on.
import { spawnSync } from 'node:child_process';
import { root } from './stamps.mjs';

const [name = ''] = process.argv.slice(2);
if (!/^[\w.]+$/.test(name)) {
  console.error('Name them: npm run histories -- 0.2');
  process.exit(2);
}
const { status } = spawnSync(
  process.execPath,
  ['scripts/test.mjs', 'test/workflows/replay', '-t', 'records histories'],
  { cwd: root, stdio: 'inherit', env: { ...process.env, HOLDFAST_TEST_RECORD: name } },
);
process.exit(status ?? 1);
