import type { Config } from '../config';
import type { Envelope } from '../crypto/envelope';
import type { Pool } from '../db/pool';
import type { Logger } from '../lib/log';
import type { Registry } from '../providers/registry';
import type { Actors } from '../temporal/actors';

/** The settings that the gateway's routes look at. */
export type GatewayConfig = Pick<
  Config,
  | 'publicUrl'
  | 'bodyLimitBytes'
  | 'rateLimitPerSecond'
  | 'keepLimit'
  | 'apiKeys'
  | 'appName'
  | 'signInUrl'
  | 'allowedOrigins'
  | 'notifyUrl'
  | 'privateDestinations'
>;

/** What the gateway's routes need of the process around them. */
export interface GatewayDeps {
  config: GatewayConfig;
  pool: Pool;
  /** For storing webhooks, which never wait for the connections of others. */
  inboxPool: Pool;
  envelope: Envelope;
  registry: Registry;
  /** The names of the handlers in the configuration file. */
  handlerNames: readonly string[];
  actors: Actors;
  /** @throws Error where Temporal doesn't answer */
  pingTemporal(): Promise<void>;
  log: Logger;
}
