import type { StackPorts } from './stack-ports';

export interface TemporalStore {
  port: number;
  user: string;
  password: string;
}

/**
 * Temporal's server as docker-compose.temporal.yml has it, on loopback. Pure.
 * @param dynamicConfig the path of `deploy/temporal/dynamic-config.yaml`
 * @returns its configuration file: JSON, which is YAML
 */
export function temporalConfig(
  ports: StackPorts,
  store: TemporalStore,
  dynamicConfig: string,
): string {
  const database = (databaseName: string) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: `127.0.0.1:${store.port}`,
      connectProtocol: 'tcp',
      user: store.user,
      password: store.password,
      maxConns: 20,
      maxIdleConns: 20,
      maxConnLifetime: '1h',
    },
  });
  const service = (grpcPort: number, membershipPort: number, httpPort?: number) => ({
    rpc: { grpcPort, membershipPort, httpPort, bindOnIP: '127.0.0.1' },
  });
  const address = `127.0.0.1:${ports.temporal}`;
  const config = {
    log: { stdout: true, level: 'warn' },
    persistence: {
      // Fixed for ever at the first start.
      numHistoryShards: 128,
      defaultStore: 'default',
      visibilityStore: 'visibility',
      datastores: { default: database('temporal'), visibility: database('temporal_visibility') },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: {
      frontend: service(ports.temporal, ports.frontendMembers, ports.temporalHttp),
      history: service(ports.history, ports.historyMembers),
      matching: service(ports.matching, ports.matchingMembers),
      worker: service(ports.internalWorker, ports.internalWorkerMembers),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: address,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    publicClient: { hostPort: address },
    dynamicConfigClient: { filepath: dynamicConfig, pollInterval: '60s' },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
