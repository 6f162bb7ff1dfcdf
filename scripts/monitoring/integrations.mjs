import * as units from '@grafana/grafana-foundation-sdk/units';
import { graph, quantile, rate, row } from './panels.mjs';

const changes = (labels) =>
  `sum by (provider, code) (increase(holdfast_status_changes_total{provider=~"$provider",${labels}}[$__rate_interval])) > 0`;

/** Why integrations can or can't be used. */
export const integrations = [
  row('Status changes'),
  graph(
    'Integrations in ERROR, by provider and reason',
    units.Short,
    {
      '{{provider}} {{code}}':
        'max by (provider, code) (holdfast_integrations{provider=~"$provider",status="ERROR"})',
    },
    { emptyWhileWell: true },
  ),
  graph(
    'Went to ERROR, by provider and reason',
    units.Short,
    { '{{provider}} {{code}}': changes('to="ERROR"') },
    { emptyWhileWell: true },
  ),
  graph(
    'Left ERROR, by provider',
    units.Short,
    { '{{provider}} {{code}}': changes('from="ERROR"') },
    { emptyUntil: 'somebody reconnects' },
  ),
  graph(
    'For how long the one in ERROR for longest is, by provider',
    units.Seconds,
    {
      '{{provider}}':
        'time() - max by (provider) (holdfast_integrations_oldest_error_timestamp_seconds{provider=~"$provider"} > 0)',
    },
    { emptyWhileWell: true },
  ),
  graph('Holds, by whom', units.Short, { '{{by}}': 'max by (by) (holdfast_holds)' }),

  row('Credentials'),
  graph('Credentials, by state', units.Short, {
    '{{provider}} {{state}}':
      'max by (provider, state) (holdfast_credentials{provider=~"$provider"})',
  }),
  graph(
    'Refreshes, by result',
    units.CountsPerSecond,
    {
      '{{provider}} {{result}}': rate(
        'holdfast_refreshes_total{provider=~"$provider"}',
        'provider',
        'result',
      ),
    },
    { emptyUntil: 'a token is refreshed' },
  ),
  graph(
    'Time of a refresh, 99 % within, by provider',
    units.Seconds,
    {
      '{{provider}}': quantile(
        0.99,
        'holdfast_refresh_duration_seconds{provider=~"$provider"}',
        'provider',
      ),
    },
    { emptyUntil: 'a token is refreshed' },
  ),
  graph(
    'Providers that reject the application',
    units.Short,
    { '{{provider}}': 'max by (provider) (holdfast_application_faults{provider=~"$provider"})' },
    { emptyWhileWell: true },
  ),
];
