import {
  listHeldBack,
  readHoldOver,
  removeUserHold,
  removeOperatorHold,
} from '../../db/queries/holds';
import { wakeAll } from '../../holds/wake-all';
import type { ActorSignals, Rows } from '../deps';
import type { Queryable } from '../../db/pool';
import { inTransaction } from '../../db/transaction';
import { waitAtMost } from '../../lib/timing';
import type { WriteAudit } from './audit';
import { wakeActors } from './signal-actors';

/** A person's lift signals no more than this; where there are more, a sweep signals for all, paced. */
const maxSignals = 100;
/** Long enough for a Temporal that is there, short enough for a caller when it isn't. */
const patienceMs = 1_000;

const startSweep = (deps: Rows & ActorSignals) => waitAtMost(wakeAll(deps), patienceMs);

/** Only what there was is lifted, and only that is recorded. */
const lifted = (
  { pool }: Rows,
  record: WriteAudit,
  remove: (db: Queryable) => Promise<boolean>,
): Promise<boolean> =>
  inTransaction(pool, async (client) => {
    const wasThere = await remove(client);
    if (wasThere) await record(client);
    return wasThere;
  });

/** Lifts the operator's hold that the API has set, and wakes whatever it held. */
export async function liftOperatorHold(
  deps: Rows & ActorSignals,
  record: WriteAudit,
): Promise<void> {
  if (!(await lifted(deps, record, (db) => removeOperatorHold(db, 'api')))) return;
  deps.log.info({ event: 'hold.lifted', by: 'operator' }, 'A hold was lifted');
  await startSweep(deps);
}

/** Lifts a person's own hold, and wakes what it held unless the operator's still does. */
export async function liftUserHold(
  deps: Rows & ActorSignals,
  userId: string,
  record: WriteAudit,
): Promise<void> {
  if (!(await lifted(deps, record, (db) => removeUserHold(db, userId)))) return;
  deps.log.info({ event: 'hold.lifted', userId, by: 'user' }, 'A hold was lifted');
  // Read after the deletion: of two who lift one each at the same time, one at least sees neither.
  if ((await readHoldOver(deps.pool, userId)) !== undefined) return;
  const ids = await listHeldBack(deps.pool, userId, maxSignals + 1);
  if (ids.length > maxSignals) await startSweep(deps);
  else {
    await wakeActors(
      deps.log,
      ids.map((id) => () => deps.actors.lookAtIntegration(id, 'hold_lifted')),
    );
  }
}
