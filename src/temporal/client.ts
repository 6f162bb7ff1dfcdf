import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { releaseCallContexts, createClientRetries, withSignalDeadline } from './client-calls';
import { dataConverter } from './data-converter';

export interface TemporalOptions {
  /** `host:port`; overrides what the environment and profiles say. */
  address?: string | undefined;
  namespace?: string | undefined;
}

export interface Temporal {
  client: Client;
  close(): Promise<void>;
}

/** Address, credentials and namespace as the `temporal` command reads them. */
export function temporalSettings(options: TemporalOptions) {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const { address = connectionOptions.address } = options;
  return {
    connection: { ...connectionOptions, ...(address === undefined ? {} : { address }) },
    namespace: options.namespace ?? namespace ?? 'default',
  };
}

/** After an outage gRPC waits up to two minutes by itself before it connects again: as long would actors stand still. */
const channelArgs = {
  'grpc.initial_reconnect_backoff_ms': 250,
  'grpc.max_reconnect_backoff_ms': 1_000,
};

/** A client that connects on first use: a gateway has to start while Temporal is away. */
export function createTemporal(options: TemporalOptions = {}): Temporal {
  const settings = temporalSettings(options);
  const retries = createClientRetries();
  const connection = Connection.lazy({
    ...settings.connection,
    channelArgs,
    interceptors: [withSignalDeadline(retries.interceptor)],
  });
  releaseCallContexts(connection.callContextStorage);
  const client = new Client({ connection, namespace: settings.namespace, dataConverter });
  return { client, close: () => retries.stop().then(() => connection.close()) };
}
