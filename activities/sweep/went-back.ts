import type { Pool } from '../../src/db/pool';
import { catchUp, noteWentBack } from '../../src/db/queries/sweep/state';
import type { Logger } from '../../src/lib/log';
import type { ActorRuns } from '../../src/temporal/actor-runs';
import type { SweepMark } from '../../workflows/contract/messages';

/**
 * Sees whether Postgres has gone back in time behind the actors' backs: what they know is then ahead of their rows, no row says
 * so, and every actor is woken, by a sweep of its own, which may take as long as it does. An outage is no reason: then this sweep
 * goes on, and says what it can't read.
 *
 * @param seen the end of a sweep that Temporal remembers
 * @throws the error of Temporal or Postgres where it has gone back and not everything for that could be done: it has to be
 *   tried again
 */
export async function lookForWentBack(
  { pool, log, runs }: { pool: Pool; log: Logger; runs: Pick<ActorRuns, 'restoreAll'> },
  seen: SweepMark,
): Promise<void> {
  const wentBack = await noteWentBack(pool, seen).catch(() => null);
  if (wentBack === null) return;
  log.error(
    { event: 'postgres.went_back', ...wentBack },
    'The rows in Postgres are of an earlier time, as after a restore: every actor is woken',
  );
  await runs.restoreAll();
  await catchUp(pool, seen);
}
