import type { Logger as TemporalLogger, LogLevel } from '@temporalio/worker';
import type { Logger } from '../lib/log';
import { causeOf } from './temporal-cause';

const levels = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'debug',
  WARN: 'warn',
  ERROR: 'error',
} as const satisfies Record<LogLevel, string>;

const expected = [
  // Said at every start of a worker that has activities only, as ours have by design.
  /^No workflows registered, not polling for workflow tasks$/,
  // Of one call each: an outage has lines of its own.
  /^gRPC call \S+ retried \d+ times$/,
  /^Network error while /,
  // Of an activity that Temporal has given up meanwhile, and runs again: an outage ends with them.
  /^Activity not found on completion\./,
];

/** A server that can't be reached has lines of its own, for all the calls that fail meanwhile. */
const unreachable = /tonic::transport::Error|service is currently unavailable/;

type Fields = Record<string, unknown>;

function levelOf(level: LogLevel, message: string, { error }: Fields) {
  const said = error instanceof Error ? error.message : String(error);
  const isExpected = expected.some((one) => one.test(message)) || unreachable.test(said);
  return isExpected ? 'debug' : levels[level];
}

/** The library's names, of its TypeScript and of its core, for what has one name here. */
const names: Readonly<Record<string, string>> = {
  activityType: 'activity',
  activity_type: 'activity',
  workflow_id: 'workflowId',
  workflow_type: 'workflowType',
  workflowRunId: 'runId',
  run_id: 'runId',
};

/** What it has against something; core writes a structure of its own as text. */
const causes = ['error', 'err', 'failure'];

/**
 * What a completion that came too late holds is the result of an activity, and a token names a task for whoever has it; the library
 * writes such structures as text, too. Beside them lines have texts and numbers.
 */
const isPrivate = (name: string, value: unknown): boolean =>
  typeof value === 'object' || /complet|payload|result|details|input|token/i.test(name);

/** More than a worker keeps in its cache. */
const mostRuns = 4_000;

/** A line's own fields, under the names of `docs/reference/logs.md`. */
function createFieldsOf(): (meta: Fields) => Fields {
  // Core names a run alone, of which the library has told before whose it is. The one last heard of is the last to be forgotten.
  const runs = new Map<string, string>();

  function note(runId: string, workflowId: string): void {
    runs.delete(runId);
    runs.set(runId, workflowId);
    const [oldest = ''] = runs.size > mostRuns ? runs.keys() : [];
    runs.delete(oldest);
  }

  return (meta) => {
    const named = Object.entries(meta).map(
      ([name, value]) => [names[name] ?? name, value] as const,
    );
    const plain = named.filter(
      ([name, value]) => !causes.includes(name) && !isPrivate(name, value),
    );
    const fields: Fields = Object.fromEntries(plain);
    const { workflowId, runId } = fields;
    if (typeof runId === 'string') {
      if (typeof workflowId === 'string') note(runId, workflowId);
      else if (runs.has(runId)) fields['workflowId'] = runs.get(runId);
    }
    const cause = causes.map((name) => meta[name]).find((one) => one !== undefined);
    return cause === undefined ? fields : { ...fields, cause: causeOf(cause) };
  };
}

/** Temporal's own lines in our log; its chatter about starts and stops only for those who debug. */
export function temporalLogger(log: Logger): TemporalLogger {
  const fieldsOf = createFieldsOf();
  const write = (level: LogLevel, message: string, meta: object = {}) =>
    log[levelOf(level, message, meta as Fields)](
      { event: 'temporal.sdk', component: 'temporal', ...fieldsOf(meta as Fields) },
      message,
    );
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}
