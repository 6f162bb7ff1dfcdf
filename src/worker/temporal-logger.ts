import type { Logger as TemporalLogger, LogLevel } from '@temporalio/worker';
import type { Logger } from '../lib/log';

const levels = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'debug',
  WARN: 'warn',
  ERROR: 'error',
} as const satisfies Record<LogLevel, string>;

/** Said at every start of a worker that has activities only, as ours have by design. */
const expected = ['No workflows registered, not polling for workflow tasks'];

/** Temporal's own lines in our log; its chatter about starts and stops only for those who debug. */
export function temporalLogger(log: Logger): TemporalLogger {
  const child = log.child({ component: 'temporal' });
  const write = (level: LogLevel, message: string, meta: object = {}) =>
    child[expected.includes(message) ? 'debug' : levels[level]](meta, message);
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}
