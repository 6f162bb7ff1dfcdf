import type { Dispatcher } from 'undici';
import type { Envelope } from '../../src/crypto/envelope';
import type { Pool } from '../../src/db/pool';
import type { HandlerRegistry } from '../../src/handlers/registry';
import type { Logger } from '../../src/lib/log';
import type { Registry } from '../../src/providers/registry';
import type { Actors } from '../../src/temporal/actors';
import type { Durations } from '../durations';

/** What handling deliveries needs. */
export interface DeliverDeps {
  pool: Pool;
  envelope: Envelope;
  registry: Registry;
  handlers: HandlerRegistry;
  actors: Pick<Actors, 'refresh' | 'noticeWaiting'>;
  publicUrl: string;
  /** Whether anybody is told of what is set aside. */
  notifyUrl: string | undefined;
  durations: Pick<Durations, 'retryDelaysMs'>;
  /** Connects to destinations. */
  dispatcher: Dispatcher;
  /** Aborts when this worker stops: the delivery in hand is finished, no other one is started. */
  stopping: AbortSignal;
  log: Logger;
}
