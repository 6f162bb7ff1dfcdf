import { type AddressInfo, createServer } from 'node:net';
import {
  makeTelemetryFilterString,
  NativeConnection,
  type NativeConnectionOptions,
  Runtime,
  type TelemetryOptions,
} from '@temporalio/worker';
import { HoldfastError, messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';
import { temporalLogger } from './temporal-logger';

/** Where the runtime of a process shows what Temporal's library measures, `127.0.0.1:<port>`. */
const exporters = new WeakMap<Runtime, string>();

/** Somebody else may take the port that was free a moment ago. */
const mostTries = 5;

/**
 * There is one runtime in a process, and it has to be there before any connection: where there is one it stays as it is. It ends
 * with its last worker and connection.
 *
 * @param metrics whether the library measures: it tells it on a port of loopback, which `readTemporalMetrics` reads
 */
export async function installRuntime(log: Logger, metrics: boolean): Promise<void> {
  if (!metrics) return install(log, undefined);
  for (let tries = 1; ; tries++) {
    const address = `127.0.0.1:${await freePort()}`;
    try {
      return install(log, address);
    } catch (error) {
      if (tries === mostTries) throw error;
    }
  }
}

/** @throws Error where the address is taken */
function install(log: Logger, address: string | undefined): void {
  if (Runtime._instance !== undefined) return;
  const filter = makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' });
  const runtime = Runtime.install({
    logger: temporalLogger(log),
    // Whoever runs the process hears signals and decides on the order of the stop.
    shutdownSignals: [],
    telemetryOptions: {
      logging: { filter, forward: {} },
      ...(address === undefined ? {} : { metrics: exporting(address) }),
    },
  });
  if (address !== undefined) exporters.set(runtime, address);
}

/** @throws HoldfastError `temporal_unavailable`, with what to look at */
export async function connectWorkers(options: NativeConnectionOptions): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(options);
  } catch (cause) {
    throw new HoldfastError(
      'temporal_unavailable',
      `Temporal does not answer at ${options.address ?? 'localhost:7233'} (${messageOf(cause)}): start it, or set TEMPORAL_ADDRESS.`,
      { cause },
    );
  }
}

/** Counters end with `_total` and times are in seconds, as Prometheus names them; nothing names a service. */
const exporting = (bindAddress: string): NonNullable<TelemetryOptions['metrics']> => ({
  attachServiceName: false,
  prometheus: {
    bindAddress,
    countersTotalSuffix: true,
    unitSuffix: true,
    useSecondsForDurations: true,
  },
});

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** It is the same process, and has all that it tells in memory. */
const timeoutMs = 500;

/**
 * @returns what reads, as text of Prometheus, what Temporal's library measures in this process; it is empty where that can't be
 *   told, which has one line until it can
 */
export function createTemporalMetrics(log: Logger): () => Promise<string> {
  let isFailing = false;
  return async () => {
    const address = Runtime._instance && exporters.get(Runtime._instance);
    if (address === undefined) return '';
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const answer = await fetch(`http://${address}/metrics`, { signal });
      if (answer.status !== 200) throw new Error(`it answered ${answer.status}`);
      const text = await answer.text();
      isFailing = false;
      return text;
    } catch (error) {
      if (!isFailing)
        log.warn(
          { event: 'metrics.temporal_unread', err: messageOf(error) },
          "What Temporal's library measures can not be read",
        );
      isFailing = true;
      return '';
    }
  };
}
