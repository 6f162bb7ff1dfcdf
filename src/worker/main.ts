import { createActivities, type Durations } from '../../activities';
import { createAdmission } from '../../activities/drain/admission';
import { createBodyRoom } from '../../activities/drain/body-room';
import {
  type DrainLimits,
  slotsFor,
  usualBodyLimits,
  usualDrainLimits,
} from '../../activities/drain/limits';
import { createProviderPlaces } from '../../activities/credential/provider-places';
import { createAppFaults } from '../app-faults/app-faults';
import type { Config } from '../config';
import { createEnvelope } from '../crypto/envelope';
import { createPool } from '../db/pool';
import { watchPostgres } from '../db/watch-postgres';
import { createInstallationId } from '../db/queries/installation';
import { messageOf } from '../lib/errors';
import { createDestinationAgent, createProviderConnections } from '../destinations/agent';
import type { Names } from '../destinations/look-up-names';
import { createHandlerRegistry } from '../handlers/registry';
import { applyEnvironmentHold } from '../holds/environment-hold';
import type { Logger } from '../lib/log';
import type { HoldfastConfiguration } from '../providers/provider';
import { logAddressWarnings } from '../providers/address-warnings';
import { createRegistry } from '../providers/registry';
import { createActors } from '../temporal/actors';
import { createActorRuns } from '../temporal/actor-runs';
import { createTemporal, temporalSettings } from '../temporal/client';
import { createStartComparison } from '../temporal/sweep/comparison';
import { createHistories } from '../temporal/histories';
import { createShownActors } from '../temporal/shown-actors';
import { createShowUser } from '../temporal/shown-user';
import { uiPlaceOf } from '../temporal/ui-links';
import { createWorkers } from './create-workers';
import { usualDurations } from './usual-durations';
import { keepKeys } from '../encryption/run';
import { keepRetention } from '../retention/run';
import { keepTemporalSetUp } from '../temporal/keep-set-up';
import { isSweepPaused } from '../temporal/sweep/schedule';
import { pingTemporal, pingTimeoutMs, watchTemporal } from '../temporal/watch-temporal';
import { observe } from './observe';
import { connectWorkers, installRuntime } from './temporal-runtime';

export interface WorkerProcessOptions {
  /** What the configuration file exports. */
  configuration: HoldfastConfiguration;
  log: Logger;
  /** Default: the bundle that `npm run build` makes. */
  workflowBundlePath?: string;
  /** Default: the usual ones. */
  durations?: Partial<Durations>;
  /** Default: the usual ones. */
  drainLimits?: DrainLimits;
  /** Default: as the system has them. */
  names?: Names;
}

export interface WorkerProcess {
  /** Where `/healthz`, `/readyz` and `/metrics` are: `http://127.0.0.1:9464`. */
  readonly url: string;
  /** Settles when the work has ended by itself, which it does only by failing. */
  readonly failed: Promise<Error>;
  /** Lets the deliveries in flight finish, then releases everything. */
  close(): Promise<void>;
}

/**
 * Runs actors and activities until it is closed. Temporal and Postgres have to be there at the start; operators are answered from
 * before it, and until everything else has ended.
 *
 * @throws ConfigError where its port is taken
 * @throws SealingKeyError where the sealing keys don't fit the database
 * @throws NamespaceTakenError where Temporal's namespace is another installation's
 * @throws PoolerError where a pooler before it hands sessions on
 * @throws Error where the settings are incomplete or Temporal can't be reached
 */
export async function startWorker(
  config: Config,
  options: WorkerProcessOptions,
): Promise<WorkerProcess> {
  const { configuration, log, workflowBundlePath } = options;
  const { durations = {}, drainLimits = usualDrainLimits } = options;
  const { databaseUrl } = config;
  if (databaseUrl === undefined) throw new Error('DATABASE_URL is not set.');
  const releases: (() => Promise<unknown>)[] = [];
  const observed = await observe(config, configuration, log);
  releases.push(() => observed.close());
  const { metrics, parts } = observed;
  const release = async () => {
    parts.phase = 'stopping';
    for (const close of releases.splice(0).reverse()) await close();
  };
  try {
    const pool = createPool(databaseUrl, log, { max: 30, applicationName: 'holdfast worker' });
    releases.push(() => pool.end());
    const postgres = watchPostgres({ databaseUrl, pools: [pool], log });
    releases.push(() => postgres.stop());
    parts.postgres = postgres;
    const keys = await keepKeys(pool, config.keys, log);
    releases.push(() => keys.stop());
    const { retentionDays, auditRetentionDays, keepLimitBytes } = config;
    const retention = keepRetention({
      ...{ pool, retentionDays, auditRetentionDays, keepLimitBytes, log },
      onExpired: (provider, count) => metrics?.deliveriesEnded(provider, 'expired', count),
    });
    releases.push(() => retention.stop());
    const address = { address: config.temporalAddress, namespace: config.temporalNamespace };
    const temporal = createTemporal(address);
    releases.push(() => temporal.close());
    const dispatcher = createDestinationAgent(config, options.names);
    releases.push(() => dispatcher.destroy());
    const connections = createProviderConnections(config, options.names);
    releases.push(() => connections.close());
    await installRuntime(log, config.metrics);
    const settings = temporalSettings(address);
    const connection = await connectWorkers(settings.connection);
    releases.push(() => connection.close());

    const watch = watchTemporal(log, () => pingTemporal(temporal.client));
    releases.push(() => {
      watch.stop();
      return Promise.resolve();
    });
    parts.temporal = watch;
    observed.measure({
      ...{ databaseUrl, postgres, temporal: watch, pools: [pool] },
      isSweepPaused: () => isSweepPaused(temporal.client, pingTimeoutMs),
    });
    const installationId = createInstallationId(pool);
    const setUp = await keepTemporalSetUp({
      ...{ client: temporal.client, db: pool, installationId, log },
      sweepSeconds: config.sweepSeconds,
    });
    releases.push(() => setUp.stop());

    const { publicUrl, keepLimit, notifyUrl, notifySecret, notifySkipRecovered } = config;
    const showUser = createShowUser(config);
    const actors = createActors(temporal.client, showUser);
    const hold = await applyEnvironmentHold({ pool, hold: config.hold, actors, log });
    releases.push(() => hold.stop());
    const registry = createRegistry(configuration, connections);
    const appFaults = createAppFaults({ pool, registry, actors, notifyUrl, log });
    const startComparison = createStartComparison(temporal.client, log);
    const stopping = new AbortController();
    const workers = await createWorkers({
      connection,
      namespace: settings.namespace,
      workflowBundlePath,
      drainSlots: slotsFor(drainLimits),
      activities: createActivities({
        ...{ pool, log, dispatcher, registry, appFaults, actors, metrics, startComparison },
        admission: createAdmission(drainLimits),
        bodyRoom: createBodyRoom(usualBodyLimits),
        providerPlaces: createProviderPlaces(registry),
        envelope: createEnvelope(config.keys),
        handlers: createHandlerRegistry(configuration.handlers ?? {}),
        histories: createHistories(temporal.client),
        runs: createActorRuns(temporal.client),
        temporalUi: uiPlaceOf(config),
        shownActors: createShownActors(temporal.client),
        showUser,
        stopping: stopping.signal,
        ...{ publicUrl, installationId, keepLimit, keepLimitBytes },
        ...{ notifyUrl, notifySecret, notifySkipRecovered },
        reconnectCodes: config.signInUrl === undefined,
        durations: { ...usualDurations, ...durations },
      }),
    });
    parts.workers = workers;
    const runs = workers.map((worker) => worker.run());
    const ended = Promise.allSettled(runs);
    releases.push(async () => {
      stopping.abort();
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
    });
    const failed = new Promise<Error>((resolve) => {
      for (const run of runs) run.catch((error: unknown) => resolve(error as Error));
      void keys.failed.then(resolve);
      void setUp.failed.then(resolve);
    });
    parts.phase = 'running';
    log.info({ event: 'worker.running', namespace: settings.namespace }, 'The worker runs');
    logAddressWarnings(registry, config, log);
    await startComparison();
    await appFaults
      .tryAgain()
      .catch((error: unknown) =>
        log.warn(
          { event: 'application_fault.not_asked', err: messageOf(error) },
          'Providers that rejected this application could not be asked again',
        ),
      );
    return { url: observed.url, failed, close: release };
  } catch (error) {
    await release();
    throw error;
  }
}
