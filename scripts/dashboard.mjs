// deploy/monitoring/dashboard.json: the dashboard for Grafana, from scripts/monitoring/. Arguments:
//   --check   writes nothing, and fails where the file is not what would be written
//   <folder>  where the file is, in place of this repository
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { atAGlance } from './monitoring/at-a-glance.mjs';
import { deliveries } from './monitoring/deliveries.mjs';
import { gateways } from './monitoring/gateways.mjs';
import { integrations } from './monitoring/integrations.mjs';
import { servers } from './monitoring/servers.mjs';
import { root as repository } from './stamps.mjs';

const words = process.argv.slice(2);
const isCheck = words.includes('--check');
const root = path.resolve(words.find((word) => !word.startsWith('--')) ?? repository);
const file = 'deploy/monitoring/dashboard.json';
const at = path.join(root, file);
const made = build();
const text = `${JSON.stringify(made, null, 2)}\n`;

if (!isCheck) {
  mkdirSync(path.dirname(at), { recursive: true });
  writeFileSync(at, text);
} else if (!existsSync(at) || readFileSync(at, 'utf8') !== text) {
  console.error(`${file} is not what scripts/monitoring/ says: npm run dashboard writes it.`);
  process.exitCode = 1;
} else {
  console.log(`${made.panels.length} panels and rows, as ${file} says`);
}

function build() {
  const builder = new dashboard.DashboardBuilder('Holdfast')
    .uid('holdfast')
    .tags(['holdfast'])
    .description(
      'What docs/how-to/monitor.md explains. Written by `npm run dashboard` of Holdfast: change it there.',
    )
    .refresh('30s')
    .time({ from: 'now-3h', to: 'now' })
    .timezone('browser')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .withVariable(
      new dashboard.DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'),
    )
    .withVariable(
      new dashboard.QueryVariableBuilder('provider')
        .label('Provider')
        .datasource({ type: 'prometheus', uid: '${datasource}' })
        .query('label_values(holdfast_integrations, provider)')
        .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
        .sort(dashboard.VariableSort.AlphabeticalAsc)
        .multi(true)
        .includeAll(true)
        .allValue('.*')
        .current({ text: ['All'], value: ['$__all'], selected: true }),
    );
  const parts = [atAGlance, gateways, deliveries, integrations, servers].flat();
  parts.forEach((part, at) => {
    part.id(at + 1);
    if (part instanceof dashboard.RowBuilder) builder.withRow(part);
    else builder.withPanel(part);
  });
  return builder.build();
}
