import {
  forgetDeletedActors,
  takeDeletedActors,
} from '../../src/db/queries/integrations/deleted-actors';
import { messageOf } from '../../src/lib/errors';
import type { Pool } from '../../src/db/pool';
import type { Logger } from '../../src/lib/log';
import type { Actors } from '../../src/temporal/actors';
import type { ActorRun, Histories } from '../../src/temporal/histories';

export interface HistoriesDeps {
  pool: Pool;
  actors: Pick<Actors, 'integrationDeleted' | 'credentialDeleted'>;
  histories: Histories;
  log: Logger;
}

/** One list for all of them: Temporal allows about ten a second in a namespace. */
const pageSize = 50;

/**
 * Ends the actors of deleted rows, and deletes the histories of those that have ended. It never throws: what
 * it didn't come to is looked at again.
 *
 * @returns whether there may be more
 */
export function createDeleteHistories({ pool, actors, histories, log }: HistoriesDeps) {
  return async function deleteHistories(): Promise<{ more: boolean }> {
    const ids = await takeDeletedActors(pool, pageSize);
    if (ids.length === 0) return { more: false };
    try {
      const { runs, isAll } = await histories.runsOf(ids);
      const gone = new Set(ids);
      for (const run of runs) {
        gone.delete(run.workflowId);
        if (!(await end(run))) await histories.deleteRun(run);
      }
      // Of a list that was cut off nobody knows who is missing in it.
      if (isAll) await forgetDeletedActors(pool, [...gone]);
      log.info(
        { event: 'sweep.histories_deleted', actors: ids.length, runs: runs.length },
        'The sweep deleted histories of what was deleted',
      );
      return { more: ids.length === pageSize };
    } catch (error) {
      log.warn(
        { event: 'sweep.histories_left', err: messageOf(error) },
        'Histories of what was deleted could not be deleted yet',
      );
      return { more: false };
    }
  };

  /** @returns whether it has to come to its end by itself first */
  async function end({ workflowId, running }: ActorRun): Promise<boolean> {
    if (!running) return false;
    const [type, id = ''] = workflowId.split(':', 2);
    if (type === 'integration') await actors.integrationDeleted(id);
    else if (type === 'credential') await actors.credentialDeleted(id);
    // Notices and replays went with their integration: nothing is left to do, and maybe an hour to wait.
    else return false;
    return true;
  }
}
