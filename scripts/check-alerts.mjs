// The alert rules, their unit tests, the scrape configuration and every expression of the dashboard, by Prometheus' promtool.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expressionsOf } from './monitoring/expressions.mjs';
import { findProgram } from './monitoring/prometheus.mjs';
import { root } from './stamps.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-alerts-'));
try {
  const promtool = findProgram('promtool');
  cpSync(path.join(root, 'deploy/monitoring'), folder, { recursive: true });
  writeScrapeConfiguration();
  const expressions = writeRecordingRules();
  const fails = [
    ['check', 'rules', 'alerts.yml'],
    ['test', 'rules', 'alerts.test.yml'],
    ['check', 'config', 'prometheus.yml'],
    ['check', 'rules', 'dashboard.rules.yml'],
  ].filter((words) => {
    console.log(`promtool ${words.join(' ')}`);
    return spawnSync(promtool, words, { cwd: folder, stdio: 'inherit' }).status !== 0;
  });
  if (fails.length > 0) process.exitCode = 1;
  else console.log(`The alerts and the ${expressions} expressions of the dashboard are good`);
} finally {
  rmSync(folder, { recursive: true });
}

/** With secrets that are there: promtool opens them. */
function writeScrapeConfiguration() {
  const file = path.join(folder, 'prometheus.yml');
  const secrets = path.join(folder, 'token');
  writeFileSync(secrets, 'token');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/\/run\/secrets\/\w+/g, secrets));
}

/** An expression that passes as a recording rule is one that Prometheus can evaluate. */
function writeRecordingRules() {
  const dashboard = JSON.parse(readFileSync(path.join(folder, 'dashboard.json'), 'utf8'));
  const expressions = expressionsOf(dashboard);
  const rules = expressions.map(({ expression }, at) => ({
    record: `dashboard:expression_${at}`,
    expr: expression,
  }));
  writeFileSync(
    path.join(folder, 'dashboard.rules.yml'),
    JSON.stringify({ groups: [{ name: 'dashboard', rules }] }),
  );
  return expressions.length;
}
