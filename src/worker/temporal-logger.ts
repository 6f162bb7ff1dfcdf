import type { Logger as TemporalLogger, LogLevel } from '@temporalio/worker';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';

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

function levelOf(level: LogLevel, message: string, { error }: { error?: unknown }) {
  const isExpected =
    expected.some((one) => one.test(message)) ||
    (error !== undefined && unreachable.test(messageOf(error)));
  return isExpected ? 'debug' : levels[level];
}

/** What a completion that came too late holds is the result of an activity; beside it lines have texts and numbers. */
function withoutPayloads(meta: object): object {
  const { error, ...fields } = meta as Record<string, unknown>;
  const plain = Object.entries(fields).filter(([name, value]) => !isPayload(name, value));
  return {
    ...Object.fromEntries(plain),
    ...(error === undefined ? {} : { error: messageOf(error) }),
  };
}

/** The library writes structures of its own as text, too. */
const isPayload = (name: string, value: unknown): boolean =>
  typeof value === 'object' || /complet|payload|result|details|input|tasktoken/i.test(name);

/** Temporal's own lines in our log; its chatter about starts and stops only for those who debug. */
export function temporalLogger(log: Logger): TemporalLogger {
  const write = (level: LogLevel, message: string, meta: object = {}) =>
    log[levelOf(level, message, meta)](
      { event: 'temporal.sdk', component: 'temporal', ...withoutPayloads(meta) },
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
