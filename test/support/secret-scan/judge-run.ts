import { readFileSync } from 'node:fs';
import path from 'node:path';
import { folderVariable, noteText } from '../recorder/record';
import { addressVariable, namespaceNames } from '../temporal';
import { keepHistories } from './histories';
import { readRecords } from './records';
import { scan } from './scan';
import { verdict } from './verdict';

/**
 * Looks for every secret that the run made in everything that it wrote; a finding fails the run.
 *
 * @param isWhole every test ran
 */
export async function judgeRun(isWhole: boolean): Promise<void> {
  const folder = process.env[folderVariable];
  const address = process.env[addressVariable];
  if (folder === undefined || address === undefined) throw new Error('global setup has not run');
  const begun = performance.now();
  await keepHistories(address, namespaceNames);

  for (const name of ['postgres.log', 'temporal.log']) {
    noteText('process output', readFileSync(path.join(path.dirname(folder), name)), name);
  }
  const records = readRecords(folder);
  const { isGood, lines } = verdict(records, scan(records), isWhole);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  process.stderr.write(`${lines.join('\n')}\nThat took ${seconds} s.\n`);
  if (!isGood) process.exitCode = 1;
}
