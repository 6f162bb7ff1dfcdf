import type { Config } from '../config';
import { createEnvelope } from '../crypto/envelope';
import { createPool } from '../db/pool';
import { watchPostgres } from '../db/watch-postgres';
import { createProviderConnections } from '../destinations/agent';
import type { Logger } from '../lib/log';
import type { HoldfastConfiguration } from '../providers/provider';
import { applyEnvironmentHold } from '../holds/environment-hold';
import { logAddressWarnings } from '../providers/address-warnings';
import { createGatewayMetrics } from '../metrics/gateway';
import { showPools, showServer } from '../metrics/servers';
import { createSnapshot } from '../metrics/snapshot';
import { createRegistry } from '../providers/registry';
import { checkDatabaseAtStart } from '../encryption/check-database-at-start';
import { createActors } from '../temporal/actors';
import { createTemporal } from '../temporal/client';
import { createShowUser } from '../temporal/shown-user';
import { isSweepPaused } from '../temporal/sweep/schedule';
import { createInboxSignals } from '../temporal/inbox-signals';
import { brandColours } from '../web/styles/brand';
import { pingTemporal, pingTimeoutMs } from '../temporal/watch-temporal';
import { createApp } from './app';
import { listenForMetrics } from './operator/metrics';
import { inboxConnections } from './webhooks/inbox-writer';
import { redirectUri } from './pages/connect/authorization';
import { rememberFromBefore } from './webhooks/repeats/earlier-signatures';

export interface GatewayOptions {
  /** What the configuration file exports. */
  configuration: HoldfastConfiguration;
  log: Logger;
}

export interface Gateway {
  /** Where it listens: `http://127.0.0.1:3000`. */
  url: string;
  /** Settles where the database came later than the gateway, and can't be used like this. */
  readonly failed: Promise<Error>;
  /** Ends open requests, then everything that was opened, last in, first out. */
  close(): Promise<void>;
}

/**
 * Listens and takes webhooks; neither Postgres nor Temporal has to be there yet.
 * @throws SealingKeyError where the sealing keys don't fit the database
 * @throws PoolerError where a pooler before it hands sessions on
 * @throws Error where the settings are incomplete or the address is taken
 */
export async function startGateway(config: Config, options: GatewayOptions): Promise<Gateway> {
  const { configuration, log } = options;
  if (config.databaseUrl === undefined) throw new Error('DATABASE_URL is not set.');
  const envelope = createEnvelope(config.keys);
  const connections = createProviderConnections(config);
  const registry = createRegistry(configuration, connections);

  const releases: (() => Promise<void>)[] = [() => connections.close()];
  const release = async () => {
    for (const close of releases.splice(0).reverse()) await close();
  };
  try {
    const pool = createPool(config.databaseUrl, log, { applicationName: 'holdfast gateway' });
    releases.push(() => pool.end());
    const inboxPool = createPool(config.databaseUrl, log, {
      ...{ applicationName: 'holdfast inbox', plans: 'fixed', max: inboxConnections },
    });
    releases.push(() => inboxPool.end());
    const { databaseUrl } = config;
    const postgres = watchPostgres({ databaseUrl, pools: [pool, inboxPool], log });
    releases.push(() => postgres.stop());
    const check = await checkDatabaseAtStart(pool, config.keys, log);
    releases.push(() => check.stop());
    const earlier = rememberFromBefore({ pool, envelope, registry, log });
    releases.push(() => earlier.stop());
    const temporal = createTemporal({
      address: config.temporalAddress,
      namespace: config.temporalNamespace,
    });
    releases.push(() => temporal.close());
    const actors = createActors(temporal.client, createShowUser(config));
    const metrics = config.metrics ? createGatewayMetrics(registry.names()) : undefined;
    const inboxSignals = createInboxSignals(actors, log, { onEnd: metrics?.inboxSignal });
    releases.push(() => inboxSignals.close());
    const hold = await applyEnvironmentHold({ pool, hold: config.hold, actors, log });
    releases.push(() => hold.stop());
    const askSweep = () => isSweepPaused(temporal.client, pingTimeoutMs);
    if (metrics !== undefined) {
      const { registry: measured } = metrics;
      showServer(measured, 'postgres', () => postgres.isAvailable());
      showPools(measured, [pool, inboxPool]);
      const snapshot = createSnapshot({
        ...{ databaseUrl, registry: measured, config, isSweepPaused: askSweep, log },
      });
      releases.push(() => snapshot.stop());
      const own = await listenForMetrics(config, measured);
      if (own !== undefined) {
        releases.push(() => own.close());
        log.info({ event: 'metrics.listening', url: own.url }, 'Metrics can be read');
      }
    }
    const app = createApp({
      config,
      pool,
      inboxPool,
      envelope,
      registry,
      handlerNames: Object.keys(configuration.handlers ?? {}),
      actors,
      inboxSignals,
      pingTemporal: () => pingTemporal(temporal.client),
      isSweepPaused: askSweep,
      metrics,
      log,
    });
    releases.push(() => app.close());
    const url = await app.listen({ host: config.host, port: config.port });
    const redirects = registry
      .names()
      .filter((name) => registry.get(name)?.oauth !== undefined)
      .map((name) => redirectUri(config.publicUrl, name));
    log.info({ event: 'gateway.listening', url, redirects }, 'The gateway listens');
    logAddressWarnings(registry, config, log);
    logBrand(config, log);
    return { url, failed: check.failed, close: release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Nobody looks for why a link has another colour than the one that was set. */
function logBrand({ brandColor }: Config, log: Logger): void {
  if (brandColor === undefined) return;
  const { isReadable } = brandColours(brandColor);
  if (isReadable.light && isReadable.dark) return;
  log.info(
    { event: 'brand.color_adjusted', setting: 'HOLDFAST_BRAND_COLOR', readableAsText: isReadable },
    'The brand color has too little contrast as text: links are darker or lighter, buttons have it as it is',
  );
}
