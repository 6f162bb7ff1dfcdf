import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openDataDir } from '../../src/dev/data-dir';
import { Releases } from '../../src/dev/process/releases';
import { createProgress } from '../../src/dev/progress';
import { messageOf } from '../../src/lib/errors';
import { exitCodeOf, stopSignal } from '../../src/lib/serve';
import { createTemporal } from '../../src/temporal/client';
import { startApplication } from './application';
import { createTarget } from './integrations';
import { startLoad } from './load';
import { type KillOptions, parseKillOptions, usage } from './options';
import { planRounds } from './plan';
import { describeResult, problemsOf, summary, table } from './report';
import { endRounds, logOf, playRound, type RoundResult, type Scene } from './rounds';
import { startParts } from './start-parts';
import { describeWaits } from './waits';

/** The checkout, from `dist/bench/kills`. */
const root = path.resolve(__dirname, '../../..');
const write = (line: string) => void process.stdout.write(`${line}\n`);
const progress = createProgress(write);
const releases = new Releases();
const stopLimitMs = 30_000;
/** Logs and data say what went wrong. */
let keepFolder = false;
const results: RoundResult[] = [];

async function startScene({ integrations, perSecond }: KillOptions): Promise<Scene> {
  const parent = path.join(root, '.holdfast');
  mkdirSync(parent, { recursive: true });
  const paths = openDataDir(mkdtempSync(path.join(parent, 'kills-')));
  releases.add('', () => (keepFolder ? undefined : rmSync(paths.root, { recursive: true })));
  const application = await startApplication();
  releases.add('', () => application.close());
  const { parts, temporalAddress, ...api } = await startParts({
    ...{ paths, progress, releases, tokenUrl: application.tokenUrl },
    searchPath: process.env['PATH'],
  });
  const temporal = createTemporal({ address: temporalAddress, namespace: 'default' });
  releases.add('', () => temporal.close());
  const targets = await Promise.all(
    Array.from({ length: integrations }, (_, index) =>
      createTarget(api, index, application.destinationUrl),
    ),
  );
  const load = startLoad(api.gatewayUrl, targets, perSecond);
  return {
    ...{ parts, api, application, load, targets, folder: paths.root, say: progress.say },
    explain: (id, window) => describeWaits(temporal.client, id, window),
  };
}

/** @returns the exit code */
async function kills(options: KillOptions): Promise<number> {
  const { seed, rounds, longestAwayMs, backWithinMs, output } = options;
  progress.say(`seed ${seed}`);
  const scene = await startScene(options);
  for (const [index, faults] of planRounds(seed, { rounds, longestAwayMs }).entries()) {
    const result = await playRound(scene, index + 1, faults);
    results.push(result);
    progress.say(describeResult(result));
  }
  const end = await endRounds(scene);
  const problems = problemsOf(results, end, backWithinMs);
  write(`\n${table(results)}\n\n${[summary(results, end, seed), ...problems].join('\n')}`);
  write(
    `${scene.application.refreshes()} tokens renewed, ${scene.load.repeats()} requests repeated.`,
  );
  if (output !== null) {
    writeFileSync(
      output,
      JSON.stringify({ options, rounds: results, problems, log: logOf(scene) }),
    );
    write(`Written to ${output}`);
  }
  keepFolder = options.keep || problems.length > 0;
  if (keepFolder) write(`Logs and data stay in ${scene.folder}`);
  return problems.length === 0 ? 0 : 1;
}

async function run(): Promise<number> {
  let options;
  try {
    options = parseKillOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`kills: ${messageOf(error)}\n\n${usage}`);
    return 2;
  }
  if (options === 'help') {
    write(usage);
    return 0;
  }
  try {
    const end = await Promise.race([kills(options), stopSignal()]);
    if (typeof end === 'number') return end;
    if (results.length > 0) write(`\n${table(results)}\n`);
    return exitCodeOf(end);
  } catch (error) {
    process.stderr.write(`kills: ${messageOf(error)}\n`);
    return 1;
  } finally {
    await releases.run(stopLimitMs, () => undefined);
  }
}

void run().then((code) => process.exit(code));
