import * as units from '@grafana/grafana-foundation-sdk/units';
import { graph, rate, row, stat, table } from './panels.mjs';

const well = 'green';
const bad = 'red';
const up = [
  [null, bad],
  [1, well],
];
const none = [
  [null, well],
  [1, bad],
];

/** Whether anything is wrong, and what. */
export const atAGlance = [
  row('At a glance'),
  table(
    'Broken integrations, by provider and reason',
    'Integrations',
    'sort_desc(sum by (provider, code) (max by (provider, status, code) (holdfast_integrations{provider=~"$provider",status="ERROR",code!="not_connected"})) > 0)',
    {
      columns: { provider: 'Provider', code: 'Reason' },
      description:
        'docs/errors.md says what each reason means. Those that nobody has connected yet are not broken.',
      emptyWhileWell: true,
    },
  ),
  table(
    'Alerts that fire',
    'Value',
    'sum by (alertname, severity, provider, instance) (ALERTS{alertname=~"Holdfast.+",alertstate="firing"})',
    {
      columns: {
        alertname: 'Alert',
        severity: 'Severity',
        provider: 'Provider',
        instance: 'Process',
      },
      description: 'docs/how-to/monitor.md says what to do.',
      emptyWhileWell: true,
    },
  ),
  stat('Gateways', units.Short, { '': 'sum(up{job="holdfast-gateway"})' }, { steps: up }),
  stat('Workers', units.Short, { '': 'sum(up{job="holdfast-worker"})' }, { steps: up }),
  stat(
    'Postgres, Temporal',
    units.Short,
    { Postgres: 'min(holdfast_postgres_up)', Temporal: 'min(holdfast_temporal_up)' },
    { steps: up, description: '1 where every process reaches it.' },
  ),
  stat('Integrations', units.Short, {
    '{{status}}':
      'sum by (status) (max by (provider, status, code) (holdfast_integrations{provider=~"$provider"}))',
  }),
  stat(
    'The oldest due delivery',
    units.Seconds,
    {
      '': '(time() - max(holdfast_deliveries_oldest_pending_timestamp_seconds{kind="due"} > 0)) or vector(0)',
    },
    {
      steps: [
        [null, well],
        [60, 'yellow'],
        [300, bad],
      ],
      description: 'Of all providers. 0 where none is due.',
    },
  ),
  stat(
    'Dead letters',
    units.Short,
    {
      '': 'sum(max by (provider) (holdfast_dead_letters{provider=~"$provider"})) or vector(0)',
    },
    { steps: none },
  ),
  graph(
    'Webhooks, by outcome',
    units.CountsPerSecond,
    {
      '{{outcome}}': rate('holdfast_webhooks_total{provider=~"$provider"}', 'outcome'),
    },
    { emptyUntil: 'a webhook comes' },
  ),
  graph(
    'Share of webhooks not taken',
    units.PercentUnit,
    {
      'not taken':
        '(sum(rate(holdfast_http_requests_total{route=~"/webhooks/.+",status=~"499|503"}[$__rate_interval])) or vector(0)) / sum(rate(holdfast_http_requests_total{route=~"/webhooks/.+"}[$__rate_interval]))',
    },
    {
      description:
        'Of all providers: answered 503, or their sender hung up before (499). The objective is 0.1 % at most.',
    },
  ),
  graph('Due and parked deliveries', units.Short, {
    '{{kind}}': 'max by (kind) (holdfast_deliveries_pending)',
  }),
];
