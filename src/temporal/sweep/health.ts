import type { Queryable } from '../../db/pool';
import { readSweepState, type SweepState } from '../../db/queries/sweep/state';
import { messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/log';

/**
 * Intervals without the end of a sweep before that is late, and how many seconds at least: one that heals many actors spends 20 s
 * on them alone, which are more than three intervals of a second. From 10 s on the intervals decide.
 */
const late = { intervals: 3, seconds: 30 };

/** How many seconds may pass from the end of a sweep to that of the next: 90 at the usual interval. */
export const allowedSweepSeconds = (sweepSeconds: number): number =>
  Math.max(late.seconds, late.intervals * sweepSeconds);

/** Whether none has come to its end for so long that something keeps them from it. */
export const isSweepLate = ({ seconds }: SweepState, sweepSeconds: number): boolean =>
  seconds > allowedSweepSeconds(sweepSeconds);

/**
 * Looks whether the sweep is late. After a time without any worker the first one has to come to its end before one can be. A Postgres
 * that can't tell is no failure of Temporal's: it is then as it was.
 *
 * @param now in milliseconds
 */
export function createIsLate(
  { db, sweepSeconds, log }: { db: Queryable; sweepSeconds: number; log: Logger },
  now: () => number = () => performance.now(),
): () => Promise<boolean> {
  const begunAt = now();
  let isLate = false;
  return async () => {
    if ((now() - begunAt) / 1000 <= allowedSweepSeconds(sweepSeconds)) return false;
    try {
      const state = await readSweepState(db);
      isLate = state !== undefined && isSweepLate(state, sweepSeconds);
    } catch (error) {
      log.debug(
        { event: 'sweep.lateness_unread', err: messageOf(error) },
        'Whether the sweep is late could not be told',
      );
    }
    return isLate;
  };
}

/** How the sweep is, as far as it is known. */
export interface SweepHealth {
  paused: boolean;
  late: boolean;
}

/** Says once that the sweep is paused, or late, and once that it no longer is. */
export function createSweepLog(log: Logger): (now: SweepHealth) => void {
  let before: SweepHealth = { paused: false, late: false };
  return (now) => {
    if (now.paused && !before.paused)
      log.warn(
        { event: 'sweep.paused' },
        'The sweep is paused: what a lost message leaves undone is not found',
      );
    if (now.late && !before.late)
      log.warn(
        { event: 'sweep.late' },
        'The sweep is late: none has come to its end for three intervals',
      );
    if ((before.paused || before.late) && !now.paused && !now.late)
      log.info({ event: 'sweep.goes_on' }, 'The sweep goes on');
    before = now;
  };
}
