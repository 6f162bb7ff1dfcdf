import type { Exposed } from './exposition';

/** Which processes say it: `snapshot` is one of all at a time. */
type Process = 'gateway' | 'worker' | 'both' | 'snapshot';

type Kind = 'counter' | 'gauge' | 'histogram';

interface Metric {
  name: string;
  kind: Kind;
  process: Process;
  labels: readonly string[];
}

/** What is promised to be measured: the names, each with its labels, which dashboards and alerts of others rest on. */
const listed: Record<Process, Partial<Record<Kind, string>>> = {
  both: {
    gauge: `build_info{version,process} postgres_up temporal_up postgres_pool_connections{state}`,
  },
  gateway: {
    counter: `webhooks_total{provider,outcome} webhook_rejections_total{provider,reason}
      inbox_signals_total{result} http_requests_total{route,method,status}
      connects_total{provider,result} token_requests_total{provider,result}`,
    gauge: 'event_streams',
    histogram: `webhook_duration_seconds{outcome} inbox_batch_deliveries
      inbox_commit_duration_seconds{result} http_request_duration_seconds{route}`,
  },
  worker: {
    counter: `deliveries_total{provider,result} delivery_attempts_total{provider,handler,result}
      refreshes_total{provider,result} status_changes_total{provider,from,to,code}
      notification_attempts_total{type,result} notifications_given_up_total{type}
      sweep_runs_total{result} sweep_signals_total{kind} actors_healed_total{workflow,cause}`,
    histogram: `delivery_attempt_duration_seconds{handler} delivery_latency_seconds{parked}
      refresh_duration_seconds{provider}`,
  },
  snapshot: {
    gauge: `integrations{provider,status,code} integrations_oldest_error_timestamp_seconds{provider}
      credentials{provider,state} deliveries_pending{kind}
      deliveries_oldest_pending_timestamp_seconds{kind} dead_letters{provider} notifications_waiting
      notifications_oldest_waiting_timestamp_seconds incidents{type} holds{by}
      application_faults{provider} actors_stuck{workflow} sweep_last_success_timestamp_seconds
      sweep_paused database_size_bytes schema_migrations_pending snapshot_timestamp_seconds`,
  },
};

/** What others' libraries measure: `prom-client` of the process, Temporal's SDK of a worker. */
const foreign: Record<'both' | 'worker', Partial<Record<Kind, string>>> = {
  both: {
    counter: 'process_cpu_seconds_total',
    gauge: `process_resident_memory_bytes process_start_time_seconds nodejs_heap_size_used_bytes
      nodejs_eventloop_lag_p99_seconds`,
  },
  worker: {
    counter: `temporal_request_total{operation} temporal_request_failure_total{operation,status_code}
      temporal_workflow_task_execution_failed_total{workflow_type}
      temporal_activity_execution_failed_total{activity_type}`,
    gauge: `temporal_worker_task_slots_available{task_queue,worker_type}
      temporal_worker_task_slots_used{task_queue,worker_type}
      temporal_num_pollers{task_queue,poller_type} temporal_sticky_cache_size`,
    histogram: `temporal_activity_schedule_to_start_latency_seconds{task_queue}
      temporal_workflow_task_schedule_to_start_latency_seconds{task_queue}`,
  },
};

/** Every metric that there is for alerts and the dashboard. */
export const metrics: readonly Metric[] = [...read(listed, 'holdfast_'), ...read(foreign, '')];

/** Those of one kind of process. */
export const metricsIn = (process: 'gateway' | 'worker'): Metric[] =>
  metrics.filter((metric) => [process, 'both', 'snapshot'].includes(metric.process));

const isOwn = (name: string) => name.startsWith('holdfast_');

/**
 * What a process exposes otherwise than it is listed. A foreign metric may have more labels, and one of failures isn't there
 * before the first.
 */
export function differences(
  exposed: ReadonlyMap<string, Exposed>,
  process: 'gateway' | 'worker',
): string[] {
  const expected = metricsIn(process);
  const names = new Set(expected.map(({ name }) => name));
  const wrong = expected.flatMap(({ name, kind, labels }) => {
    const found = exposed.get(name);
    if (found === undefined && !isOwn(name) && name.includes('_fail')) return [];
    if (found?.type !== kind) return [`${name} is ${found?.type ?? 'missing'}`];
    return found.samples.flatMap((sample) => {
      const seen = Object.keys(sample.labels).filter((label) => label !== 'le');
      const isAll = labels.every((label) => seen.includes(label));
      if (isAll && (!isOwn(name) || seen.length === labels.length)) return [];
      return [`${name} has the labels ${seen.join()}`];
    });
  });
  const unlisted = [...exposed.keys()].filter((name) => isOwn(name) && !names.has(name));
  return [...new Set([...wrong, ...unlisted.map((name) => `${name} is not listed`)])];
}

function read(lists: Partial<typeof listed>, prefix: string): Metric[] {
  return Object.entries(lists).flatMap(([process, kinds]) =>
    Object.entries(kinds).flatMap(([kind, text]) =>
      text.split(/\s+/).map((word) => {
        const [, name = '', labels] = /^(\w+)(?:\{(.*)\})?$/.exec(word) ?? [];
        return {
          name: prefix + name,
          kind: kind as Kind,
          process: process as Process,
          labels: labels?.split(',') ?? [],
        };
      }),
    ),
  );
}
