import type { Pool } from '../../src/db/pool';
import { standingActors } from '../../src/db/queries/sweep/healing';
import type { Actors } from '../../src/temporal/actors';
import { signalPaced } from '../../src/temporal/paced-signals';
import type { ShownActors } from '../../src/temporal/shown-actors';
import { workflowTypes } from '../../workflows/contract/ids';

export interface StraysDeps {
  pool: Pool;
  actors: Pick<Actors, 'integrationDeleted' | 'credentialDeleted'>;
  shownActors: Pick<ShownActors, 'running'>;
}

/**
 * Actors that run without a row, as those of what was made after the backup that was restored: nothing would ever wake them. Told of a
 * deletion each looks for its row and ends, unless it has one by now. A page of those who run.
 *
 * @param after what the page before ended with, or ''
 * @throws the error of Postgres or Temporal
 */
export async function endStrays(
  { pool, actors, shownActors }: StraysDeps,
  after: string,
): Promise<{ after: string; found: number; failed: number }> {
  const page = await shownActors.running(after);
  // Those that have to be deleted, or have a grant to revoke, are the sweep's.
  const known = new Set(
    (await standingActors(pool, page.workflowIds)).map(({ workflowId }) => workflowId),
  );
  const strays = page.workflowIds.flatMap((workflowId) => {
    if (known.has(workflowId)) return [];
    const [type, id = ''] = workflowId.split(':', 2);
    if (type === workflowTypes.integration) return () => actors.integrationDeleted(id);
    return type === workflowTypes.credential ? () => actors.credentialDeleted(id) : [];
  });
  const failed = await signalPaced(strays, (end) => end());
  return { after: page.next, found: strays.length, failed: failed.length };
}
