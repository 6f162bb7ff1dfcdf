import path from 'node:path';
import { judgeRun } from '../secret-scan/judge-run';
import { stopServers } from './servers';

/** The parts of jest's global configuration that say whether every test ran. */
interface Selection {
  testPathPatterns: { patterns: readonly string[] };
  testNamePattern?: string;
  onlyChanged: boolean;
  onlyFailures: boolean;
  shard?: unknown;
}

/** As `npm test` has it where nothing is named: the soak lane makes too little to be judged as a whole. */
const leftOut = ['/node_modules/', `${path.resolve(__dirname, '../../soak')}/`];

export async function endRun(
  selection: Selection,
  { testPathIgnorePatterns }: { testPathIgnorePatterns: readonly string[] },
): Promise<void> {
  const isPart =
    selection.testPathPatterns.patterns.length > 0 ||
    (selection.testNamePattern ?? '') !== '' ||
    selection.onlyChanged ||
    selection.onlyFailures ||
    selection.shard !== undefined ||
    testPathIgnorePatterns.join() !== leftOut.join();
  try {
    await judgeRun(!isPart);
  } catch (error) {
    // Not thrown: the line that counts tests still has to come.
    console.error('The search for secrets failed.', error);
    process.exitCode = 1;
  } finally {
    await stopServers.run();
  }
}
