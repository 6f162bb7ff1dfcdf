import {
  listHeldBack,
  readHoldOver,
  removeUserHold,
  removeOperatorHold,
} from '../../db/queries/holds';
import { wakeAll } from '../../holds/wake-all';
import type { ActorSignals, Rows } from '../deps';
import { waitAtMost } from '../../lib/timing';
import { wakeActors } from './signal-actors';

/** A person's lift signals no more than this; where there are more, a sweep signals for all, paced. */
const maxSignals = 100;
/** Long enough for a Temporal that is there, short enough for a caller when it isn't. */
const patienceMs = 1_000;

const startSweep = (deps: Rows & ActorSignals) => waitAtMost(wakeAll(deps), patienceMs);

/** Lifts the operator's hold that the API has set, and wakes whatever it held. */
export async function liftOperatorHold(deps: Rows & ActorSignals): Promise<void> {
  if (!(await removeOperatorHold(deps.pool, 'api'))) return;
  deps.log.info({ by: 'operator' }, 'a hold was lifted');
  await startSweep(deps);
}

/** Lifts a person's own hold, and wakes what it held unless the operator's still does. */
export async function liftUserHold(deps: Rows & ActorSignals, userId: string): Promise<void> {
  if (!(await removeUserHold(deps.pool, userId))) return;
  deps.log.info({ userId, by: 'user' }, 'a hold was lifted');
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
