import * as units from '@grafana/grafana-foundation-sdk/units';
import { graph, quantile, rate, row } from './panels.mjs';

/** What became of what was stored, and of what people and the application are told. */
export const deliveries = [
  row('Deliveries'),
  graph('Deliveries that ended, by result', units.CountsPerSecond, {
    '{{result}}': rate('holdfast_deliveries_total{provider=~"$provider"}', 'result'),
  }),
  graph('Attempts, by result', units.CountsPerSecond, {
    '{{result}}': rate('holdfast_delivery_attempts_total{provider=~"$provider"}', 'result'),
  }),
  graph(
    'Attempts that did not end well, by handler',
    units.CountsPerSecond,
    {
      '{{provider}} {{handler}} {{result}}': rate(
        'holdfast_delivery_attempts_total{provider=~"$provider",result!="handled"}',
        'provider',
        'handler',
        'result',
      ),
    },
    { emptyWhileWell: true },
  ),
  graph(
    'From receipt to handled, not parked',
    units.Seconds,
    {
      'half within': quantile(0.5, 'holdfast_delivery_latency_seconds{parked="false"}'),
      '95 % within': quantile(0.95, 'holdfast_delivery_latency_seconds{parked="false"}'),
      '99 % within': quantile(0.99, 'holdfast_delivery_latency_seconds{parked="false"}'),
    },
    { description: 'Of all providers.' },
  ),
  graph('Time of an attempt, 99 % within, by handler', units.Seconds, {
    '{{handler}}': quantile(0.99, 'holdfast_delivery_attempt_duration_seconds', 'handler'),
  }),
  graph(
    'Dead letters, by provider',
    units.Short,
    { '{{provider}}': 'max by (provider) (holdfast_dead_letters{provider=~"$provider"})' },
    { emptyWhileWell: true },
  ),

  row('Notifications'),
  graph(
    'Attempts, by type and result',
    units.CountsPerSecond,
    { '{{type}} {{result}}': rate('holdfast_notification_attempts_total', 'type', 'result') },
    { emptyUntil: 'there is something to notify of' },
  ),
  graph('Waiting', units.Short, { waiting: 'max(holdfast_notifications_waiting)' }),
  graph('Age of the oldest that waits', units.Seconds, {
    age: '(time() - max(holdfast_notifications_oldest_waiting_timestamp_seconds > 0)) or vector(0)',
  }),
  graph(
    'Given up',
    units.CountsPerSecond,
    { '{{type}}': rate('holdfast_notifications_given_up_total', 'type') },
    { emptyWhileWell: true },
  ),
];
