'use strict';
// What a choice of test files needs to have started, read off their imports.
const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '../../..');
const testFolder = path.join(root, 'test') + path.sep;

/** What has to be there for whoever imports a module. */
const needOf = new Map(
  Object.entries({
    'test/support/servers/database.ts': 'postgres',
    'test/support/servers/temporal.ts': 'temporal',
    'test/support/servers/own-temporal.ts': 'temporalBinary',
    'test/support/servers/workflow-bundle.ts': 'bundle',
    'test/support/browser/browser.ts': 'browser',
    // Commands are run as they are built, and a gateway serves scripts that are compiled for browsers.
    'test/support/processes/holdfast.ts': 'build',
    'test/support/processes/processes.ts': 'build',
    'test/bench/bench.test.ts': 'build',
    'test/temporal/call-contexts.test.ts': 'build',
    'src/gateway/app.ts': 'build',
    'src/gateway/main.ts': 'build',
  }).map(([file, need]) => [path.join(root, file), need]),
);

const importPattern = /\bfrom '(\.[^']+)'|\bimport\('(\.[^']+)'\)|^import '(\.[^']+)'/gm;

/**
 * @param {readonly string[]} files
 * @returns {{ needs: Set<string>, count: (need: string) => number }} `count`: how many of the files have that need
 */
function needsOf(files) {
  const counts = new Map();
  for (const file of files) {
    for (const need of needsOfOne(file)) counts.set(need, (counts.get(need) ?? 0) + 1);
  }
  return { needs: new Set(counts.keys()), count: (need) => counts.get(need) ?? 0 };
}

function needsOfOne(file) {
  const needs = new Set();
  const seen = new Set([file]);
  for (const one of seen) {
    if (needOf.has(one)) needs.add(needOf.get(one));
    if (!one.startsWith(testFolder)) continue;
    for (const imported of importsOf(one)) seen.add(imported);
  }
  return needs;
}

const known = new Map();

function importsOf(file) {
  let imports = known.get(file);
  if (imports !== undefined) return imports;
  imports = [];
  for (const [, one, two, three] of readFileSync(file, 'utf8').matchAll(importPattern)) {
    const target = path.resolve(path.dirname(file), one ?? two ?? three);
    const source = [`${target}.ts`, path.join(target, 'index.ts'), target].find(existsSync);
    if (source?.endsWith('.ts')) imports.push(source);
  }
  known.set(file, imports);
  return imports;
}

module.exports = { needsOf };
