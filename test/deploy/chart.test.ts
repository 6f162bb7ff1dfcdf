import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { settingNames } from '../../src/config';
import { isSecret } from '../../src/config/settings';
import { commands } from '../../src/cli/commands';
import { ownVersion } from '../../src/lib/own-version';
import { root } from './compose-file';

const chart = path.join(root, 'deploy/helm/holdfast');
const read = (...names: string[]) => readFileSync(path.join(chart, ...names), 'utf8');
const templates = readdirSync(path.join(chart, 'templates')).map((name) => read('templates', name));
const all = templates.join('\n');

// What Helm makes of it is checked by deploy/check.sh, with Helm and the schemas of Kubernetes.
describe('deploy/helm/holdfast', () => {
  it('takes its own values, and refuses what it does not know', () => {
    const validate = new Ajv({ strict: false }).compile(
      JSON.parse(read('values.schema.json')) as object,
    );
    const examples = readdirSync(path.join(chart, 'ci')).map((name) => path.join('ci', name));
    for (const name of ['values.yaml', ...examples]) {
      expect([name, validate(parse(read(name))), validate.errors]).toEqual([name, true, null]);
    }
    const values = parse(read('values.yaml')) as Record<string, object>;
    expect(validate({ ...values, gatway: {} })).toBe(false);
    expect(validate({ ...values, settings: { 'not-a-setting': '1' } })).toBe(false);
    // Helm would write 5.24288e+06.
    expect(validate({ ...values, settings: { HOLDFAST_BODY_LIMIT_BYTES: 5242880 } })).toBe(false);
    expect(validate({ ...values, settings: { HOLDFAST_METRICS: false } })).toBe(false);
    expect(validate({ ...values, settings: { HOLDFAST_METRICS: 'off' } })).toBe(true);
  });

  it('is for this release', () => {
    expect(parse(read('Chart.yaml'))).toMatchObject({ appVersion: ownVersion() });
  });

  it('sets what Holdfast knows, secrets by file alone, and runs its commands', () => {
    const named = [...all.matchAll(/"([A-Z][A-Z0-9_]+)" /g)].map(([, name = '']) => name);
    const known = (name: string) => settingNames().has(name) || name.startsWith('TEMPORAL_');
    expect(named.length).toBeGreaterThan(8);
    for (const name of named) {
      expect([name, known(name.replace(/_FILE$/, ''))]).toEqual([name, true]);
      expect([name, isSecret(name)]).toEqual([name, false]);
    }
    const run = [...all.matchAll(/^ +args: \[(\w+)\]$/gm)].map(([, command]) => command);
    expect(run.sort()).toEqual(['gateway', 'migrate', 'worker']);
    for (const command of run) expect(Object.keys(commands)).toContain(command);
  });

  it("has a process's metrics under the job that Prometheus has elsewhere, and alerts go by", () => {
    const [, relabelings = ''] =
      /^ {6}relabelings:\n((?: {8}.*\n)+)/m.exec(read('templates', 'monitor.yaml')) ?? [];
    const label = 'app.kubernetes.io/component';
    expect(parse(relabelings)).toEqual([
      {
        sourceLabels: [`__meta_kubernetes_pod_label_${label.replace(/\W/g, '_')}`],
        targetLabel: 'job',
        replacement: 'holdfast-$1',
      },
    ]);
    expect(read('templates', '_helpers.tpl')).toContain(`${label}: {{ .component }}`);
    const measured = templates.filter((text) => text.includes('{ name: metrics, containerPort:'));
    const jobs = measured.map((text) => `holdfast-${/"component" "(\w+)"/.exec(text)?.[1] ?? ''}`);
    const prometheus = readFileSync(path.join(root, 'deploy/monitoring/prometheus.yml'), 'utf8');
    const { scrape_configs } = parse(prometheus) as { scrape_configs: { job_name: string }[] };
    expect(jobs.sort()).toEqual(scrape_configs.map(({ job_name }) => job_name).sort());
  });

  it('has every pod without rights, and without the settings that Services would make', () => {
    const pods = templates.filter((text) => /^kind: (Deployment|Job)$/m.test(text));
    expect(pods).toHaveLength(3);
    for (const pod of pods) {
      expect(pod).toContain('include "holdfast.pod"');
      expect(pod).toContain('include "holdfast.container"');
      expect(pod).toMatch(/resources: \{\{/);
      // Who gets a setting gets its secret too: some are refused without.
      expect(pod).toContain('include "holdfast.env"');
      expect(pod).toContain('include "holdfast.secretEnv"');
      expect(pod).toMatch(/volumeMounts: \{\{- include "holdfast\.(mounts|secretMounts)"/);
      expect(pod).toMatch(/include "holdfast\.(volumes|furtherSecretsVolume)"/);
    }
    for (const rule of [
      ...['enableServiceLinks: false', 'automountServiceAccountToken: false'],
      ...['runAsNonRoot: true', 'readOnlyRootFilesystem: true'],
      ...['allowPrivilegeEscalation: false', 'drop: [ALL]'],
    ]) {
      expect(read('templates', '_helpers.tpl')).toContain(rule);
    }
  });
});
