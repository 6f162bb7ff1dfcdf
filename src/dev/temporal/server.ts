import { readFileSync } from 'node:fs';
import { Connection } from '@temporalio/client';
import { freePorts } from '../process/free-ports';
import { runGuarded, type Guarded } from '../process/guarded';
import { logTail } from '../process/log-tail';
import { StartError } from '../start-error';
import { waitUntil } from '../process/wait-until';

export interface TemporalServerOptions {
  binary: string;
  port: number;
  /** Undefined: no UI. */
  uiPort?: number;
  /** Undefined: everything is forgotten at the end. */
  dbFile?: string;
  namespaces?: readonly string[];
  /** `Name=Keyword`; only for namespaces that don't exist yet. */
  searchAttributes?: readonly string[];
  dynamicConfig?: readonly string[];
  logFile: string;
  pidFile?: string;
}

export interface TemporalServer extends Guarded {
  readonly address: string;
  /** All that it listens at: each takes orders from whoever connects, or shows what it does. */
  readonly ports: readonly number[];
}

/** Of `deploy/temporal/dynamic-config.yaml`, which says what each is for; SQLite has one connection, and no use for the others. */
const dynamicConfig = [
  'matching.enableFairness=true',
  'system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2',
  'history.transferProcessorMaxPollRPS=2000',
];

/**
 * With SQLite's usual rollback journal each step of a workflow waits for several flushes of the disk. This survives
 * a killed process; a power cut may take the last moments, and the sweep makes up for what is lost of them.
 * (sqlite.org/wal.html, sqlite.org/pragma.html#pragma_synchronous)
 */
const writeAhead = ['journal_mode=WAL', 'synchronous=NORMAL'].flatMap((pragma) => [
  '--sqlite-pragma',
  pragma,
]);

/**
 * The dev server chooses ports for its inner services itself and takes them a moment later: where
 * another process was quicker it panics (the CLI's internal/devserver/server.go, 1.8.2).
 */
const mostStarts = 3;

/**
 * Starts Temporal's dev server on loopback; again, up to three times, where it ends at once.
 * @throws StartError that shows the end of its log, where it doesn't come up
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const address = `127.0.0.1:${options.port}`;
  const last = options.namespaces?.at(-1) ?? 'default';
  for (let starts = 1; ; starts++) {
    const [httpPort = 0, metricsPort = 0] = await freePorts(2);
    const logBegins = textOf(options.logFile).length;
    const guarded = launch(options, httpPort, metricsPort);
    try {
      await waitUntil(() => (guarded.hasExited() ? undefined : ping(address, last)), {
        timeoutMs: 60_000,
      });
      if (!guarded.hasExited()) {
        const inner = innerPorts(textOf(options.logFile).slice(logBegins));
        const known = [options.port, options.uiPort ?? options.port, httpPort, metricsPort];
        return { ...guarded, address, ports: [...new Set([...known, ...inner])] };
      }
      if (starts === mostStarts) throw new Error('it ended at once');
    } catch (cause) {
      await guarded.stop();
      throw new StartError(`Temporal did not start. ${logTail(options.logFile)}`, { cause });
    }
  }
}

function launch(options: TemporalServerOptions, httpPort: number, metricsPort: number): Guarded {
  return runGuarded({
    command: options.binary,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(options.port)],
      ...['--http-port', String(httpPort), '--metrics-port', String(metricsPort), '--log-config'],
      ...(options.uiPort === undefined ? ['--headless'] : ['--ui-port', String(options.uiPort)]),
      ...(options.dbFile === undefined ? [] : ['--db-filename', options.dbFile, ...writeAhead]),
      ...(options.namespaces ?? []).flatMap((name) => ['--namespace', name]),
      ...(options.searchAttributes ?? []).flatMap((pair) => ['--search-attribute', pair]),
      ...[...dynamicConfig, ...(options.dynamicConfig ?? [])].flatMap((pair) => [
        '--dynamic-config-value',
        pair,
      ]),
    ],
    logFile: options.logFile,
    ...(options.pidFile === undefined ? {} : { pidFile: options.pidFile }),
    stopSignal: 'SIGTERM',
    graceMs: 10_000,
  });
}

function textOf(logFile: string): string {
  try {
    return readFileSync(logFile, 'latin1');
  } catch {
    return '';
  }
}

/**
 * What `--log-config` says of the inner services, whose ports can't be chosen. They speak gRPC alone, which no request of
 * ours can be taken for (HTTP/2 begins with a preface of its own): so one that isn't found does no harm.
 */
function innerPorts(log: string): number[] {
  return [...log.matchAll(/^ +(?:grpcPort|membershipPort|httpPort): (\d+)$/gm)]
    .map(([, port]) => Number(port))
    .filter((port) => port > 0);
}

async function ping(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } finally {
    await connection.close();
  }
}
