import type { Config } from '../config';
import type { Envelope } from '../crypto/envelope';
import type { Pool } from '../db/pool';
import type { Logger } from '../lib/log';
import type { Registry } from '../providers/registry';
import type { GatewayMetrics } from '../metrics/gateway';
import type { Actors } from '../temporal/actors';
import type { InboxSignals } from '../temporal/inbox-signals';
import type { StoredBytes } from './operations/stored-bytes';

/** The settings that the gateway's routes look at. */
export type GatewayConfig = Pick<
  Config,
  | 'host'
  | 'port'
  | 'publicUrl'
  | 'bodyLimitBytes'
  | 'rateLimitPerSecond'
  | 'keepLimit'
  | 'keepLimitBytes'
  | 'trustedProxies'
  | 'apiKeys'
  | 'appName'
  | 'signInUrl'
  | 'allowedOrigins'
  | 'notifyUrl'
  | 'privateDestinations'
  | 'ownServers'
  | 'sweepSeconds'
> &
  // Pages look like Holdfast's own without.
  Partial<Pick<Config, 'appLogoUrl' | 'brandColor'>> &
  // Without, `/metrics` is on the gateway's own port, for loopback.
  Partial<Pick<Config, 'metricsPort' | 'metricsToken'>> &
  // Without the address there are no links to Temporal's UI, and without the others none to what is one user's.
  Partial<
    Pick<
      Config,
      'temporalUiUrl' | 'temporalNamespace' | 'temporalUserAttribute' | 'temporalHashKey'
    >
  >;

/** Where something is read or written. */
export interface Rows {
  pool: Pool;
}

export interface Settings {
  config: GatewayConfig;
}

export interface Encryption {
  envelope: Envelope;
}

export interface Providers {
  registry: Registry;
}

export interface HandlerNames {
  /** Of the handlers in the configuration file. */
  handlerNames: readonly string[];
}

/** For telling actors, and logging which ones could not be told. */
export interface ActorSignals {
  actors: Actors;
  log: Logger;
}

export interface TemporalPing {
  /** @throws Error where Temporal doesn't answer */
  readonly pingTemporal: () => Promise<void>;
}

export interface SweepSchedule {
  /** @throws Error where Temporal doesn't answer, or has no schedule yet */
  readonly isSweepPaused: () => Promise<boolean>;
}

/** Where what happens is measured. */
export interface Measuring {
  /** Undefined: nothing is. */
  metrics?: GatewayMetrics | undefined;
}

/** For asking actors, and waiting for their answers. */
export interface ActorUpdates extends TemporalPing {
  actors: Actors;
}

/** What the gateway's routes need of the process around them; each takes the parts that it uses. */
export interface GatewayDeps
  extends
    Rows,
    Settings,
    Encryption,
    Providers,
    HandlerNames,
    ActorSignals,
    ActorUpdates,
    SweepSchedule,
    Measuring {
  /** For storing webhooks, which never wait for the connections of others. */
  inboxPool: Pool;
  /** One for the process: its pace is that of all who put something into an inbox. */
  inboxSignals: InboxSignals;
}

/** For counting what is stored, and for showing it. */
export interface Counters {
  /** One for the gateway. */
  storedBytes: StoredBytes;
}
