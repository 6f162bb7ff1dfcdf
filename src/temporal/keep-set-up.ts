import { isDatabaseUnavailable } from '../db/error-classes';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';
import { createActorRuns } from './actor-runs';
import { NamespaceTakenError } from './namespace-owner';
import { registerSearchAttributes } from './search-attributes';
import { createEndStuckSweeps } from './sweep/stuck-sweeps';
import { createIsLate, createSweepLog } from './sweep/health';
import { ensureSweep, type SweepScheduleDeps } from './sweep/schedule';

export interface KeepSetUpOptions extends SweepScheduleDeps {
  log: Logger;
  /** Milliseconds between two looks. Default: 10,000. */
  everyMs?: number;
}

export interface SetUpKeeper {
  /** Settles when the namespace turns out to be another installation's. */
  readonly failed: Promise<Error>;
  stop(): Promise<void>;
}

/**
 * Registers what Temporal has to know, and looks again every ten seconds: a Temporal that has lost its data
 * comes back without search attributes, schedule and actors, and a sweep that can't go on heals nothing. It says where the sweep
 * is paused or late.
 *
 * @throws NamespaceTakenError where the namespace is another installation's
 * @throws Error where the first time fails
 */
export async function keepTemporalSetUp(options: KeepSetUpOptions): Promise<SetUpKeeper> {
  const { client, db, sweepSeconds, log, everyMs = 10_000 } = options;
  const say = createSweepLog(log);
  const endStuckSweeps = createEndStuckSweeps(createActorRuns(client), log);
  const isLate = createIsLate({ db, sweepSeconds, log });

  const ensure = async () => {
    await registerSearchAttributes(client);
    const { made, corrected, paused } = await ensureSweep(options);
    if (made) {
      log.info(
        { event: 'temporal.set_up' },
        'Temporal was new: the sweep is scheduled, and every actor is woken',
      );
    }
    await endStuckSweeps();
    if (corrected.length > 0) {
      log.info(
        { event: 'sweep.schedule_corrected', corrected },
        "The sweep's schedule was not as it has to be, and is again",
      );
    }
    say({ paused, late: await isLate() });
  };
  const leave = (error: unknown) =>
    log.warn(
      { event: 'temporal.set_up_failed', err: messageOf(error) },
      'Temporal could not be set up',
    );
  await ensure().catch((error: unknown) => {
    // Whose the namespace is stands in Postgres: where that is away, a worker starts all the same, and the next look finds out.
    if (!isDatabaseUnavailable(error)) throw error;
    leave(error);
  });

  let inFlight: Promise<void> | null = null;
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => {
    fail = resolve;
  });
  const timer = setInterval(() => {
    // With Temporal away one look takes longer than the interval: they must not queue up.
    inFlight ??= ensure()
      .catch((error: unknown) => {
        if (error instanceof NamespaceTakenError) fail(error);
        leave(error);
      })
      .finally(() => {
        inFlight = null;
      });
  }, everyMs);
  return {
    failed,
    stop: () => {
      clearInterval(timer);
      return inFlight ?? Promise.resolve();
    },
  };
}
