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
  if (!metrics) {
    install(log, undefined);
    return;
  }
  for (let tries = 1; ; tries++) {
    const address = `127.0.0.1:${await freePort()}`;
    try {
      install(log, address);
      return;
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

/** Where the library tells what it measures, `host:port`; undefined where it doesn't. */
export const exporterAddress = (): string | undefined =>
  Runtime._instance && exporters.get(Runtime._instance);
