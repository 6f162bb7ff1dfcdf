import { Connection } from '@temporalio/client';
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
}

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
    const guarded = launch(options);
    try {
      await waitUntil(() => (guarded.hasExited() ? undefined : ping(address, last)), {
        timeoutMs: 60_000,
      });
      if (!guarded.hasExited()) return { ...guarded, address };
      if (starts === mostStarts) throw new Error('it ended at once');
    } catch (cause) {
      await guarded.stop();
      throw new StartError(`Temporal did not start. ${logTail(options.logFile)}`, { cause });
    }
  }
}

function launch(options: TemporalServerOptions): Guarded {
  return runGuarded({
    command: options.binary,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(options.port)],
      ...(options.uiPort === undefined ? ['--headless'] : ['--ui-port', String(options.uiPort)]),
      ...(options.dbFile === undefined ? [] : ['--db-filename', options.dbFile]),
      ...(options.namespaces ?? []).flatMap((name) => ['--namespace', name]),
      ...(options.searchAttributes ?? []).flatMap((pair) => ['--search-attribute', pair]),
      ...(options.dynamicConfig ?? []).flatMap((pair) => ['--dynamic-config-value', pair]),
    ],
    logFile: options.logFile,
    ...(options.pidFile === undefined ? {} : { pidFile: options.pidFile }),
    stopSignal: 'SIGTERM',
    graceMs: 10_000,
  });
}

async function ping(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } finally {
    await connection.close();
  }
}
