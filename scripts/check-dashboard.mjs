// Asks a Prometheus for every expression of the dashboard, and says which of them have no data:
//   node scripts/check-dashboard.mjs --prometheus http://127.0.0.1:9090
// It fails where one has none that should, or Prometheus can't evaluate it. What is empty while all is well is listed.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { expressionsOf } from './monitoring/expressions.mjs';
import { root } from './stamps.mjs';

const { values } = parseArgs({ options: { prometheus: { type: 'string' } } });
if (values.prometheus === undefined) {
  console.error('Usage: node scripts/check-dashboard.mjs --prometheus <url>');
  process.exit(2);
}

const file = path.join(root, 'deploy/monitoring/dashboard.json');
const expressions = expressionsOf(JSON.parse(readFileSync(file, 'utf8')));
let faults = 0;
let empty = 0;
for (const { panel, expression, mayBeEmpty } of expressions) {
  const series = await ask(expression);
  if (typeof series === 'number' && series > 0) continue;
  const isFault = !mayBeEmpty || typeof series === 'string';
  if (isFault) faults += 1;
  else empty += 1;
  const what = typeof series === 'string' ? series : 'no data';
  console.log(`${isFault ? 'FAULT' : 'empty'}  ${panel}: ${what}\n       ${expression}`);
}
const shown = expressions.length - faults - empty;
console.log(
  `${expressions.length} expressions: ${shown} have data, ${empty} are empty as they may be, ${faults} should have data`,
);
if (faults > 0) process.exitCode = 1;

/** @returns how many series it has now, or why it can't be evaluated */
async function ask(expression) {
  const url = new URL('/api/v1/query', values.prometheus);
  const body = new URLSearchParams({ query: expression });
  const answer = await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(30_000) });
  const { status, data, error } = await answer.json();
  return status === 'success' ? data.result.length : error;
}
