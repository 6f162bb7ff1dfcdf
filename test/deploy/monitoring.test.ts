import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { metrics } from '../metrics/catalogue';
import { root } from './compose-file';

interface Rule {
  alert?: string;
  record?: string;
  expr: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

interface UnitTest {
  alert_rule_test?: { alertname: string; exp_alerts?: object[] }[];
}

interface Panel {
  title: string;
  targets?: { expr: string }[];
}

const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const yaml = (file: string): unknown => parse(read(path.join('deploy/monitoring', file)));

const rules = (yaml('alerts.yml') as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const alerts = rules.flatMap((rule) =>
  rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }],
);
const records = rules.flatMap(({ record = [] }) => record);
const { panels } = JSON.parse(read('deploy/monitoring/dashboard.json')) as { panels: Panel[] };
const expressions = [
  ...rules.map(({ alert, record, expr }) => [alert ?? record, expr] as const),
  ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
];

/** What Prometheus adds to each series, or says itself. */
const everywhere = ['job', 'instance', 'le'];
const prometheusOwn = ['up', 'ALERTS'];

/** The metrics that an expression asks for, each with the labels that it chooses by. */
function selectorsOf(expression: string): { name: string; labels: string[] }[] {
  const names = /\b(?:up|ALERTS|(?:holdfast|process|nodejs|temporal)_\w+)\b(?:\{([^}]*)\})?/g;
  const text = records.reduce((rest, record) => rest.replaceAll(record, ''), expression);
  return [...text.matchAll(names)].map(([found, choice = '']) => ({
    name: found.replace(/\{.*/s, ''),
    labels: [...choice.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label),
  }));
}

/** As a histogram says it: by three names. */
const seriesOf = ({ name, kind }: (typeof metrics)[number]) =>
  kind === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name];

describe('deploy/monitoring', () => {
  it.each(expressions)('"%s" asks for what is measured, by labels that it has', (_, expression) => {
    const selectors = selectorsOf(expression).filter(({ name }) => !prometheusOwn.includes(name));
    for (const { name, labels } of selectors) {
      const metric = metrics.find((one) => seriesOf(one).includes(name));
      expect([name, metric?.name]).toEqual([name, expect.any(String)]);
      expect([...(metric?.labels ?? []), ...everywhere]).toEqual(expect.arrayContaining(labels));
    }
  });

  it('asks for every metric of Holdfast’s own somewhere', () => {
    const asked = new Set(
      expressions.flatMap(([, expression]) => selectorsOf(expression).map(({ name }) => name)),
    );
    const unasked = metrics.filter((metric) => !seriesOf(metric).some((name) => asked.has(name)));
    expect(unasked.map(({ name }) => name)).toEqual([]);
  });

  it('says of every alert whom it wakes, what is wrong, and where it is explained', () => {
    const text = read('docs/how-to/monitor.md');
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
    expect(alerts.length).toBeGreaterThan(15);
    for (const { alert, labels, annotations } of alerts) {
      expect(['page', 'ticket']).toContain(labels?.['severity']);
      expect(annotations?.['summary']).toMatch(/^[A-Z{].*[^.]$/);
      expect(annotations?.['description']).toMatch(/\.$/);
      const page = `docs/how-to/monitor.md#${alert.toLowerCase()}`;
      expect(annotations?.['runbook_url']).toBe(page);
      expect(headings).toContain(alert);
    }
    const explained = headings.filter((heading) => heading.startsWith('Holdfast'));
    expect(explained.sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });

  it('tries of every alert that it fires, and that it does not', () => {
    const { tests } = yaml('alerts.test.yml') as { tests: UnitTest[] };
    const tried = tests.flatMap((test) => test.alert_rule_test ?? []);
    for (const { alert } of alerts) {
      const own = tried.filter(({ alertname }) => alertname === alert);
      const firing = own.findIndex(({ exp_alerts = [] }) => exp_alerts.length > 0);
      expect([alert, firing]).not.toEqual([alert, -1]);
      // Beside the threshold before, and over afterwards.
      expect(own.slice(0, firing).some(({ exp_alerts }) => exp_alerts === undefined)).toBe(true);
      expect(own.slice(firing).some(({ exp_alerts }) => exp_alerts === undefined)).toBe(true);
    }
  });

  it('keeps the dashboard as its source says, each panel with a number of its own', () => {
    const words = [path.join(root, 'scripts/dashboard.mjs'), '--check'];
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    const ids = panels.map((panel) => (panel as { id?: number }).id);
    expect(new Set(ids).size).toBe(panels.length);
    expect(ids).not.toContain(undefined);
  });

  it('names provider and reason of what is broken', () => {
    const panel = panels.find(({ title }) => title.startsWith('Broken integrations'));
    expect(panel?.targets?.map(({ expr }) => expr)).toEqual([
      expect.stringMatching(/sum by \(provider, code\).*status="ERROR"/),
    ]);
  });
});
