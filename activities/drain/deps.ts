import type { InstallationId } from '../../src/db/queries/installation';
import type { Envelope } from '../../src/crypto/envelope';
import type { Pool } from '../../src/db/pool';
import type { GuardedDispatcher } from '../../src/lib/http/guarded';
import type { Logger } from '../../src/lib/log';
import type { WorkerMetrics } from '../../src/metrics/worker';
import type { Handler } from '../../src/providers/provider';
import type { Registry } from '../../src/providers/registry';
import type { Actors } from '../../src/temporal/actors';
import type { Admission } from './admission';
import type { BodyRoom } from './body-room';

/** What handling deliveries needs. */
export interface DrainDeps {
  pool: Pool;
  envelope: Envelope;
  registry: Registry;
  /** Those of the configuration file, by name. */
  handlers: ReadonlyMap<string, Handler>;
  actors: Pick<Actors, 'refresh' | 'noticeWaiting'>;
  /** What forwards name in `holdfast-via`. */
  installationId: InstallationId;
  publicUrl: string;
  /** Where it is undefined no dead letter brings a notification. */
  notifyUrl: string | undefined;
  durations: {
    /** Before a delivery's second attempt, the third, … and the last one for as long as it goes on. */
    retryDelaysMs: readonly number[];
  };
  /** One for all drains of this worker. */
  admission: Admission;
  /** One for all drains of this worker. */
  bodyRoom: BodyRoom;
  /** Connects to destinations. */
  dispatcher: GuardedDispatcher;
  /** Aborts when this worker stops: what is in flight is finished, no other one is started. */
  stopping: AbortSignal;
  /** Undefined where nothing is measured. */
  metrics?:
    | Pick<WorkerMetrics, 'deliveryAttempted' | 'deliveriesEnded' | 'deliveryHandledAfter'>
    | undefined;
  log: Logger;
}
