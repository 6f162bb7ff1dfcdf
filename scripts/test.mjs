// Jest, and after it two lines: how much processor time the run took, and the count of tests. Arguments are Jest's:
// `npm test -- test/oauth`. Besides:
//   --soak            the other lane: what lives long, is killed by the dozen, or is large
//   --units           what needs no actor and no browser: all but test/system, test/web, test/dev and the benchmark
//   --budget <n>      fails where the run takes more than twice n core-seconds
//   --keep-timings    writes down how long each file took, for the order of the next runs
import { buildArgv, runCLI } from 'jest';
import { coreSeconds } from './core-seconds.mjs';
import { root } from './stamps.mjs';

process.env.NODE_ENV ??= 'test';
process.chdir(root);
const words = process.argv.slice(2);
const isSoak = take('--soak');
const isUnits = take('--units');
const keepTimings = take('--keep-timings');
const budget = Number(take('--budget', 1) ?? Infinity);
if (Number.isNaN(budget)) {
  process.stderr.write('--budget wants a number of core-seconds: npm test -- --budget 1400\n');
  process.exit(2);
}

const argv = await buildArgv(words);
const named = argv._.map(String);
const config = {
  // Whoever names a file of the other lane means it.
  // One less at once than in the other lane: each of these loads the machine by itself.
  ...(isSoak
    ? { testMatch: ['<rootDir>/test/soak/**/*.test.ts'], maxWorkers: argv.maxWorkers ?? 2 }
    : {}),
  ...(isSoak || named.some((name) => name.includes('soak')) ? {} : ignore('soak')),
  ...(isUnits ? ignore('soak', 'system', 'web', 'dev', 'bench/bench.test.ts') : {}),
};
const { results } = await runCLI({ ...argv, ...config, reporters: reporters() }, [root]);

const used = coreSeconds();
const isOver = used > 2 * budget;
if (Number.isFinite(used)) {
  const limit = Number.isFinite(budget) ? ` of ${budget} planned` : '';
  const verdict = isOver ? ': more than twice as many' : '';
  process.stdout.write(`${used.toFixed(0)} core-seconds${limit}${verdict}\n`);
}

// A file that can't even be loaded holds tests that nobody counted: it is one failure.
const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
const skipped = results.numPendingTests + results.numTodoTests;
const counts = [`${results.numPassedTests} passed`, `${failed} failed`];
if (skipped > 0) counts.push(`${skipped} skipped`);
process.stdout.write(`${counts.join(', ')}\n`, () =>
  process.exit(results.success && !isOver ? process.exitCode : 1),
);

function take(flag, values = 0) {
  const at = words.indexOf(flag);
  if (at === -1) return values === 0 ? false : undefined;
  const [, value = 'missing'] = words.splice(at, 1 + values);
  return values === 0 ? true : value;
}

function ignore(...folders) {
  const patterns = folders.map(
    (folder) => `<rootDir>/test/${folder}${folder.endsWith('.ts') ? '$' : '/'}`,
  );
  return { testPathIgnorePatterns: ['/node_modules/', ...patterns] };
}

function reporters() {
  return ['default', ['<rootDir>/test/support/runner/reporter.cjs', { keepTimings }]];
}
