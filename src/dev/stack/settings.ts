import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Environment } from '../../config';
import type { StackDir } from './layout';
import type { StackPorts } from './stack-ports';
import type { StackSecrets } from './secrets';

export interface StackSettings {
  /** Of every process of Holdfast's. */
  common: Record<string, string>;
  migrate: Record<string, string>;
  gateway: (at: 0 | 1) => Record<string, string>;
  worker: (at: 0 | 1) => Record<string, string>;
}

export interface SettingsOptions {
  paths: StackDir;
  ports: StackPorts;
  secrets: StackSecrets;
  publicUrl: string;
  /** The environment of the person who starts it. */
  env: Environment;
  /** Holdfast's own folder. */
  root: string;
}

/** What docker-compose.temporal.yml gives its services, on loopback; secrets as files here, too. */
export function stackSettings(options: SettingsOptions): StackSettings {
  const { paths, ports, secrets, publicUrl, env, root } = options;
  const common = {
    HOST: '127.0.0.1',
    DATABASE_URL_FILE: secrets.fileOf('holdfast_database_url'),
    HOLDFAST_KEYS_FILE: secrets.fileOf('holdfast_keys'),
    HOLDFAST_PUBLIC_URL: publicUrl,
    HOLDFAST_CONFIG: path.resolve(
      root,
      env['HOLDFAST_CONFIG'] || 'deploy/config/holdfast.config.mjs',
    ),
    // On a developer's machine the application is on loopback.
    HOLDFAST_PRIVATE_DESTINATIONS: env['HOLDFAST_PRIVATE_DESTINATIONS'] || 'allow',
    HOLDFAST_METRICS_TOKEN_FILE: secrets.fileOf('holdfast_metrics_token'),
    TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`,
    TEMPORAL_NAMESPACE: 'default',
    // No profile of the person's, which may name a server elsewhere.
    TEMPORAL_CONFIG_FILE: path.join(paths.root, 'no-profiles.toml'),
  };
  return {
    common,
    migrate: {
      ...common,
      HOLDFAST_MIGRATE_DATABASE_URL_FILE: secrets.fileOf('holdfast_migrate_database_url'),
    },
    gateway: (at) => ({
      ...common,
      PORT: String([ports.gateway, ports.gateway2][at]),
      HOLDFAST_API_KEYS_FILE: secrets.fileOf('holdfast_api_keys'),
      HOLDFAST_METRICS_PORT: String([ports.gatewayMetrics, ports.gateway2Metrics][at]),
      HOLDFAST_TRUSTED_PROXIES: '127.0.0.1/32',
    }),
    worker: (at) => ({
      ...common,
      HOLDFAST_WORKER_PORT: String([ports.worker1, ports.worker2][at]),
    }),
  };
}

/**
 * The person's environment, with settings of the stack's in place of theirs: of a setting and its file only one may be set. Pure.
 */
export function withSettings(
  env: Environment,
  settings: Record<string, string>,
): Record<string, string> {
  const isReplaced = (name: string) =>
    /^(TEMPORAL_.*|HOST|PORT)$/.test(name) ||
    [name, `${name}_FILE`, name.replace(/_FILE$/, '')].some((one) => one in settings);
  const kept = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || isReplaced(name) ? [] : [[name, value]],
  );
  return { ...(Object.fromEntries(kept) as Record<string, string>), ...settings };
}

/** As a shell reads them. Pure. */
export const shellText = (settings: Record<string, string>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join('');

/** Writes the addresses of Holdfast's database, which end with the port of this start. */
export function writeDatabaseUrls(secrets: StackSecrets, port: number): void {
  const url = (role: string, password: string) =>
    `postgres://${role}:${password}@127.0.0.1:${port}/holdfast\n`;
  const privately = { mode: 0o600 };
  writeFileSync(
    secrets.fileOf('holdfast_database_url'),
    url('holdfast_run', secrets.run),
    privately,
  );
  writeFileSync(
    secrets.fileOf('holdfast_migrate_database_url'),
    url('holdfast_owner', secrets.owner),
    privately,
  );
}
