import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { folderVariable, noteText } from '../recorder/record';
import { addressVariable, namespaceNames } from '../servers/temporal';
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
  if (folder === undefined) throw new Error('global setup has not run');
  const begun = performance.now();
  const address = process.env[addressVariable];
  if (address !== undefined) {
    const { keepHistories } = await import('./histories.js');
    await keepHistories(address, namespaceNames());
  }

  for (const name of ['postgres.log', 'temporal.log']) {
    const file = path.join(path.dirname(folder), name);
    if (existsSync(file)) noteText('process output', readFileSync(file), name);
  }
  const records = readRecords(folder);
  const { isGood, lines } = verdict(records, scan(records), isWhole);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  process.stderr.write(`${lines.join('\n')}\nThat took ${seconds} s.\n`);
  if (!isGood) process.exitCode = 1;
}
