import type { Client } from '@temporalio/client';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';
import { ensureSweep, registerSearchAttributes } from './setup';
import { endStuckSweeps } from './stuck-sweeps';

const everyMs = 10_000;

/**
 * Registers what Temporal has to know, and looks again every ten seconds: a Temporal that has lost its data
 * comes back without search attributes, schedule and actors, and a sweep that can't go on heals nothing.
 *
 * @throws Error where the first time fails
 */
export async function keepTemporalSetUp(
  client: Client,
  sweepSeconds: number,
  log: Logger,
): Promise<{ stop(): Promise<void> }> {
  const ensure = async () => {
    await registerSearchAttributes(client);
    if (await ensureSweep(client, sweepSeconds)) {
      log.info(
        { event: 'temporal.set_up' },
        'Temporal was new: the sweep is scheduled, and every actor is woken',
      );
    }
    await endStuckSweeps(client, log);
  };
  await ensure();
  let inFlight: Promise<void> | null = null;
  const timer = setInterval(() => {
    // With Temporal away one look takes longer than the interval: they must not queue up.
    inFlight ??= ensure()
      .catch((error: unknown) =>
        log.warn(
          { event: 'temporal.set_up_failed', err: messageOf(error) },
          'Temporal could not be set up',
        ),
      )
      .finally(() => {
        inFlight = null;
      });
  }, everyMs);
  return {
    stop: () => {
      clearInterval(timer);
      return inFlight ?? Promise.resolve();
    },
  };
}
