import type { Settings } from './settings';

/** How the user of an integration is shown in Temporal: as it is, hashed, or not at all. */
export type UserAttribute = 'on' | 'off' | 'hash';

/** How a running system is watched, and what operators see of it in Temporal. */
export interface OperationSettings {
  /** Whether anything is measured. */
  metrics: boolean;
  /** Of the gateway. Unset: `/metrics` is on its `PORT`. */
  metricsPort: number | undefined;
  /** The bearer of `/metrics`, of gateway and worker. */
  metricsToken: string | undefined;
  /** Of the worker's `/healthz`, `/readyz` and `/metrics`; 0: a free one. */
  workerPort: number;
  /** How often one process reads the gauges from Postgres. */
  snapshotSeconds: number;
  temporalUserAttribute: UserAttribute;
  /** Set where `temporalUserAttribute` is `hash`. */
  temporalHashKey: string | undefined;
}

export function operationSettings(settings: Settings): OperationSettings {
  const metricsPort = settings.integer('HOLDFAST_METRICS_PORT', 0, 1, 65_535);
  return {
    metrics: settings.parsed('HOLDFAST_METRICS', true, 'on or off', (raw) =>
      raw === 'on' ? true : raw === 'off' ? false : undefined,
    ),
    metricsPort: metricsPort === 0 ? undefined : metricsPort,
    metricsToken: longSecret(settings, 'HOLDFAST_METRICS_TOKEN'),
    workerPort: settings.integer('HOLDFAST_WORKER_PORT', 9464, 0, 65_535),
    snapshotSeconds: settings.integer('HOLDFAST_SNAPSHOT_SECONDS', 15, 1, 3600),
    ...userAttribute(settings),
  };
}

function userAttribute(settings: Settings) {
  const temporalUserAttribute = settings.parsed<UserAttribute>(
    'HOLDFAST_TEMPORAL_USER_ATTRIBUTE',
    'on',
    'on, off or hash',
    (raw) => (['on', 'off', 'hash'] as const).find((one) => one === raw),
  );
  const temporalHashKey = longSecret(settings, 'HOLDFAST_TEMPORAL_HASH_KEY');
  if (temporalUserAttribute === 'hash' && settings.raw('HOLDFAST_TEMPORAL_HASH_KEY') === undefined)
    settings.report(
      'HOLDFAST_TEMPORAL_HASH_KEY',
      'HOLDFAST_TEMPORAL_USER_ATTRIBUTE is hash, and this is not set',
      secretLength,
    );
  return { temporalUserAttribute, temporalHashKey };
}

const secretLength = 'at least 32 printable ASCII characters without spaces';

function longSecret(settings: Settings, name: string): string | undefined {
  return settings.parsed<string | undefined>(name, undefined, secretLength, (raw) =>
    /^[\x21-\x7e]{32,}$/.test(raw) ? raw : undefined,
  );
}
