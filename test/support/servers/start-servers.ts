import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createProgress } from '../../../src/dev/progress';
import { chromiumForTests } from '../browser/chromium';
import { startRecording } from '../recorder/install';
import { noteSecret } from '../recorder/record';
import { stopServers, type Stoppable } from './servers';

/** What the chosen test files need, and how many of them each. */
export interface Needs {
  needs: ReadonlySet<string>;
  count: (need: string) => number;
}

/** One Postgres and one Temporal for the run, where it needs them; both end with it, also when it is killed. */
export async function startServers({ needs, count }: Needs): Promise<void> {
  const dir = mkdtempSync(path.join(tmpdir(), 'holdfast-test-'));
  chmodSync(dir, 0o711);
  const servers: Stoppable[] = [];
  const password = randomBytes(18).toString('base64url');
  const progress = createProgress((line) => process.stderr.write(`${line}\n`));
  stopServers.register(servers, dir);
  // The parts of a start load what they need, and only where they are needed.
  const starts: Record<string, () => Promise<void> | void> = {
    build: buildAll,
    postgres: async () => {
      const { postgresForTests } = await import('./start-postgres.js');
      servers.push(await postgresForTests(dir, password));
    },
    temporalBinary: async () => {
      const { temporalBinaryForTests } = await import('./start-temporal.js');
      await temporalBinaryForTests(progress);
    },
    temporal: async () => {
      const { temporalForTests } = await import('./start-temporal.js');
      servers.unshift(await temporalForTests(dir, count('temporal'), progress));
    },
    bundle: async () => {
      const { bundleForTests } = await import('./workflow-bundle.js');
      await bundleForTests();
    },
    browser: chromiumForTests,
  };
  try {
    // A build takes both processors: what starts meanwhile would only wait longer.
    if (needs.has('build')) await starts['build']?.();
    const others = [...needs].filter((need) => need !== 'build');
    await Promise.all(others.map(async (need) => starts[need]?.()));
    startRecording(dir);
    noteSecret('database password', password);
  } catch (error) {
    await stopServers.run();
    throw error;
  }
}

/** As `npm start` does it: nothing where the sources have not changed. */
function buildAll(): void {
  const script = path.resolve(__dirname, '../../../scripts/prepare.mjs');
  const { status } = spawnSync(process.execPath, [script], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error('the build failed');
}
