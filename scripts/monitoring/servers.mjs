import * as units from '@grafana/grafana-foundation-sdk/units';
import { graph, quantile, rate, row } from './panels.mjs';

const own = '{job=~"holdfast-.+"}';

/** What runs, and what it runs on. */
export const servers = [
  row('Sweep and actors'),
  graph(
    'Since the last sweep, and the last reading of the gauges',
    units.Seconds,
    {
      sweep: 'time() - max(holdfast_sweep_last_success_timestamp_seconds > 0)',
      gauges: 'time() - max(holdfast_snapshot_timestamp_seconds)',
    },
    { description: 'Where nobody reads the gauges, those of this dashboard are missing or old.' },
  ),
  graph('Sweeps, by result', units.CountsPerSecond, {
    '{{result}}': rate('holdfast_sweep_runs_total', 'result'),
  }),
  graph(
    'Signalled by the sweep, by what was due',
    units.CountsPerSecond,
    { '{{kind}}': rate('holdfast_sweep_signals_total', 'kind') },
    { emptyWhileWell: true },
  ),
  graph('Sweep paused', units.Short, { paused: 'max(holdfast_sweep_paused)' }, { max: 1 }),
  graph(
    'Actors started anew, by cause',
    units.CountsPerSecond,
    { '{{workflow}} {{cause}}': rate('holdfast_actors_healed_total', 'workflow', 'cause') },
    { emptyWhileWell: true },
  ),
  graph(
    'Actors that are stuck',
    units.Short,
    { '{{workflow}}': 'max by (workflow) (holdfast_actors_stuck)' },
    { emptyWhileWell: true },
  ),

  row('Postgres'),
  graph('Connections of the pools, by state', units.Short, {
    '{{job}} {{state}}': 'sum by (job, state) (holdfast_postgres_pool_connections)',
  }),
  graph('Size of the database', units.BytesIEC, { size: 'max(holdfast_database_size_bytes)' }),
  graph('Migrations that it lacks', units.Short, {
    pending: 'max(holdfast_schema_migrations_pending)',
  }),
  graph(
    'Reached by each process',
    units.Short,
    {
      'Postgres: {{job}} {{instance}}': 'holdfast_postgres_up',
      'Temporal: {{job}} {{instance}}': 'holdfast_temporal_up',
    },
    { max: 1 },
  ),

  row("Temporal, as the workers' library sees it"),
  graph('Requests, by operation', units.RequestsPerSecond, {
    '{{operation}}': rate('temporal_request_total', 'operation'),
  }),
  graph(
    'Failed requests, by operation',
    units.RequestsPerSecond,
    {
      '{{operation}} {{status_code}}': rate(
        'temporal_request_failure_total',
        'operation',
        'status_code',
      ),
    },
    { emptyWhileWell: true },
  ),
  graph(
    'From scheduled to started, 99 % within',
    units.Seconds,
    {
      'activities of {{task_queue}}': quantile(
        0.99,
        'temporal_activity_schedule_to_start_latency_seconds',
        'task_queue',
      ),
      'workflow tasks of {{task_queue}}': quantile(
        0.99,
        'temporal_workflow_task_schedule_to_start_latency_seconds',
        'task_queue',
      ),
    },
    { description: 'Where it grows workers are missing, or all their slots are taken.' },
  ),
  graph('Slots that are free', units.Short, {
    '{{task_queue}} {{worker_type}}':
      'sum by (task_queue, worker_type) (temporal_worker_task_slots_available)',
  }),
  graph('Slots that are taken', units.Short, {
    '{{task_queue}} {{worker_type}}':
      'sum by (task_queue, worker_type) (temporal_worker_task_slots_used)',
  }),
  graph('Pollers', units.Short, {
    '{{task_queue}} {{poller_type}}': 'sum by (task_queue, poller_type) (temporal_num_pollers)',
  }),
  graph('Actors in memory', units.Short, {
    '{{instance}}': 'sum by (instance) (temporal_sticky_cache_size)',
  }),
  graph(
    'Failed workflow tasks',
    units.CountsPerSecond,
    {
      '{{workflow_type}}': rate('temporal_workflow_task_execution_failed_total', 'workflow_type'),
    },
    { emptyWhileWell: true },
  ),
  graph(
    'Failed activities',
    units.CountsPerSecond,
    {
      '{{activity_type}}': rate('temporal_activity_execution_failed_total', 'activity_type'),
    },
    { emptyWhileWell: true },
  ),

  row('Processes'),
  graph('Processor time', units.PercentUnit, {
    '{{job}} {{instance}}': `rate(process_cpu_seconds_total${own}[$__rate_interval])`,
  }),
  graph('Memory', units.BytesIEC, {
    '{{job}} {{instance}}': `process_resident_memory_bytes${own}`,
  }),
  graph('Heap in use', units.BytesIEC, {
    '{{job}} {{instance}}': `nodejs_heap_size_used_bytes${own}`,
  }),
  graph(
    'Delay of the event loop, 99 % within',
    units.Seconds,
    { '{{job}} {{instance}}': `nodejs_eventloop_lag_p99_seconds${own}` },
    { description: 'Where it grows a process has more to do than one core can.' },
  ),
  graph('Up for', units.Seconds, {
    '{{job}} {{instance}}': `time() - process_start_time_seconds${own}`,
  }),
  graph('Processes, by version', units.Short, {
    '{{process}} {{version}}': 'count by (process, version) (holdfast_build_info)',
  }),
];
