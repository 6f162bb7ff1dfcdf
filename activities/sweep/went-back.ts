import type { Pool } from '../../src/db/pool';
import { noteWentBack } from '../../src/db/queries/sweep/state';
import type { Logger } from '../../src/lib/log';
import type { SweepMark } from '../../workflows/contract/messages';

/**
 * Whether Postgres has gone back in time behind the actors' backs: what they know is then ahead of their rows, and no row says
 * so. An outage is no reason: then the sweep goes on, and says what it can't read.
 *
 * @param seen the end of a sweep that Temporal remembers
 */
export async function hasGoneBack(
  { pool, log }: { pool: Pool; log: Logger },
  seen: SweepMark,
): Promise<boolean> {
  const wentBack = await noteWentBack(pool, seen).catch(() => null);
  if (wentBack !== null)
    log.error(
      { event: 'postgres.went_back', ...wentBack },
      'The rows in Postgres are of an earlier time, as after a restore: every actor is woken',
    );
  return wentBack !== null;
}
