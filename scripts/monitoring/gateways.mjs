import * as units from '@grafana/grafana-foundation-sdk/units';
import { graph, quantile, rate, row } from './panels.mjs';

/** From the request to the stored delivery. */
export const gateways = [
  row('Gateways'),
  graph(
    'Webhooks, by provider',
    units.CountsPerSecond,
    {
      '{{provider}}': rate('holdfast_webhooks_total{provider=~"$provider"}', 'provider'),
    },
    { emptyUntil: 'a webhook comes' },
  ),
  graph(
    'Webhooks not let in, by reason',
    units.CountsPerSecond,
    {
      '{{provider}} {{reason}}': rate(
        'holdfast_webhook_rejections_total{provider=~"$provider"}',
        'provider',
        'reason',
      ),
    },
    { emptyWhileWell: true },
  ),
  graph(
    'Time to answer a webhook',
    units.Seconds,
    {
      'half within': quantile(0.5, 'holdfast_webhook_duration_seconds'),
      '99 % within': quantile(0.99, 'holdfast_webhook_duration_seconds'),
    },
    { emptyUntil: 'a webhook comes' },
  ),
  graph('Requests, by status', units.RequestsPerSecond, {
    '{{status}}': rate('holdfast_http_requests_total', 'status'),
  }),
  graph(
    'Requests answered with 5xx, or hung up on (499), by route',
    units.RequestsPerSecond,
    {
      '{{method}} {{route}} {{status}}': rate(
        'holdfast_http_requests_total{status=~"499|5.."}',
        'method',
        'route',
        'status',
      ),
    },
    { emptyWhileWell: true },
  ),
  graph(
    'Time to answer, 99 % within, by route',
    units.Seconds,
    {
      '{{route}}': quantile(
        0.99,
        'holdfast_http_request_duration_seconds{route!~".*/events"}',
        'route',
      ),
    },
    { description: 'Without streams of events, which last.' },
  ),
  graph(
    'Connections by people, by result',
    units.CountsPerSecond,
    {
      '{{provider}} {{result}}': rate(
        'holdfast_connects_total{provider=~"$provider"}',
        'provider',
        'result',
      ),
    },
    { emptyUntil: 'somebody connects' },
  ),
  graph(
    'Tokens that the application asked for, by result',
    units.CountsPerSecond,
    {
      '{{provider}} {{result}}': rate(
        'holdfast_token_requests_total{provider=~"$provider"}',
        'provider',
        'result',
      ),
    },
    { emptyUntil: 'the application asks for a token' },
  ),
  graph('Open streams of events', units.Short, { '{{instance}}': 'holdfast_event_streams' }),

  row('Inbox'),
  graph('Deliveries in one commit', units.Short, {
    'half have at most': quantile(0.5, 'holdfast_inbox_batch_deliveries'),
    '99 % have at most': quantile(0.99, 'holdfast_inbox_batch_deliveries'),
  }),
  graph(
    'Time of a commit',
    units.Seconds,
    {
      'half within': quantile(0.5, 'holdfast_inbox_commit_duration_seconds'),
      '99 % within': quantile(0.99, 'holdfast_inbox_commit_duration_seconds'),
    },
    { emptyUntil: 'a webhook comes' },
  ),
  graph(
    'Commits, by result',
    units.CountsPerSecond,
    {
      '{{result}}': rate('holdfast_inbox_commit_duration_seconds_count', 'result'),
    },
    { emptyUntil: 'a webhook comes' },
  ),
  graph(
    'Inbox signals, by result',
    units.CountsPerSecond,
    {
      '{{result}}': rate('holdfast_inbox_signals_total', 'result'),
    },
    { description: 'What is not signalled is found by the sweep.' },
  ),
  graph(
    'Age of the oldest delivery, due and parked',
    units.Seconds,
    {
      '{{kind}}':
        'time() - max by (kind) (holdfast_deliveries_oldest_pending_timestamp_seconds > 0)',
    },
    { emptyWhileWell: true },
  ),
  graph('Incidents that last, by type', units.Short, {
    '{{type}}': 'max by (type) (holdfast_incidents)',
  }),
];
