import { type LogFn, type LoggerOptions, pino, type Logger as PinoLogger } from 'pino';
import { prettyLine } from './pretty-line';

/** Of a handler: whatever the application writes. */
export type HandlerLog = PinoLogger;

/** What each line has beside its sentence. */
interface LogLine {
  /** Stable, and listed in `docs/reference/logs.md`, with one sentence that is always the same. */
  event: string;
  [field: string]: unknown;
}

type Write = (line: LogLine, sentence: string) => void;

/**
 * Levels are by what an operator has to do: `error` act now, `warn` look soon, `info` a state changed, `debug` a unit of
 * work ended.
 */
export interface Logger {
  readonly error: Write;
  readonly warn: Write;
  readonly info: Write;
  readonly debug: Write;
  /** For the application's own code. */
  child(fields: object): HandlerLog;
}

/** Field names whose values never reach a log line, at the top or one level down. */
const secretFields = [
  'accessToken',
  'access_token',
  'refreshToken',
  'refresh_token',
  'clientSecret',
  'client_secret',
  'authorization',
  'cookie',
  'secret',
  'webhookSecret',
  'token',
  'body',
];

/** A server without which much fails at once. */
export type Server = 'postgres' | 'temporal';

/** Those that are away, by log. */
const away = new WeakMap<object, Set<Server>>();

/**
 * While a server is away Holdfast's own warnings of what fails by it (`err`) are `debug`: the outage has two lines, at its beginning and at
 * its end.
 *
 * @returns whether that is new
 */
export function noteAway(log: Logger, server: Server, isAway: boolean): boolean {
  const servers = away.get(log);
  if (servers?.has(server) === isAway) return false;
  if (isAway) servers?.add(server);
  else servers?.delete(server);
  return true;
}

/** Whether an outage has begun and not ended: for lines that are no warnings and follow from it all the same. */
export const isAway = (log: Logger, server: Server): boolean => away.get(log)?.has(server) === true;

const warn = 40;

interface Destination {
  write(line: string): void;
}

/**
 * @param level a pino level (`info`), or `silent`
 * @param destination where lines go, JSON each; default: standard output, and there for eyes where that is a terminal
 */
export function createLog(level: string, destination?: Destination): PinoLogger {
  const servers = new Set<Server>();
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        ...secretFields,
        ...secretFields.map((field) => `*.${field}`),
        'headers',
        '*.headers',
      ],
      censor: '[redacted]',
    },
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: {
      logMethod(this: PinoLogger, args: Parameters<LogFn>, method: LogFn, level: number) {
        // A child is the application's own code, which says what it likes of what only it knows.
        const isFollowing =
          level === warn && servers.size > 0 && this === log && followsAnOutage(args[0]);
        (isFollowing ? this.debug : method).apply(this, args);
      },
    },
  };
  const log = pino(options, destination ?? standardOutput());
  away.set(log, servers);
  return log;
}

/** Why requests fail by a server of ours; for any other reason it is a provider, say, that is away. */
const outageCodes: readonly unknown[] = ['database_unavailable', 'temporal_unavailable'];

function followsAnOutage(line: unknown): boolean {
  if (typeof line !== 'object' || line === null) return false;
  const isByAnOutage = 'reason' in line && outageCodes.includes(line.reason);
  if ('code' in line && !isByAnOutage && !outageCodes.includes(line.code)) return false;
  return 'err' in line || 'component' in line;
}

/** Synchronous: what a process writes as it ends is not lost. */
function standardOutput(): Destination {
  const { stdout } = process;
  if (!stdout.isTTY) return pino.destination({ dest: 1, sync: true });
  // Node looks at NO_COLOR and TERM.
  const isColored = stdout.hasColors();
  return { write: (line) => stdout.write(prettyLine(line, isColored)) };
}
