// Jest, and after it one line that counts tests. Arguments are jest's: `npm test -- test/oauth`.
import { buildArgv, runCLI } from 'jest';
import { root } from './stamps.mjs';

process.env.NODE_ENV ??= 'test';
process.chdir(root);
const { results } = await runCLI(await buildArgv(process.argv.slice(2)), [root]);

// A file that can't even be loaded holds tests that nobody counted: it is one failure.
const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
const skipped = results.numPendingTests + results.numTodoTests;
const counts = [`${results.numPassedTests} passed`, `${failed} failed`];
if (skipped > 0) counts.push(`${skipped} skipped`);
process.stdout.write(`${counts.join(', ')}\n`, () =>
  process.exit(results.success ? process.exitCode : 1),
);
