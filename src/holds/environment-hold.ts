import type { Pool } from '../db/pool';
import { putOperatorHold, removeOperatorHold } from '../db/queries/holds';
import { messageOf } from '../lib/errors';
import { pause } from '../lib/timing';
import { storedText } from '../lib/storable-text';
import { wakeAll, type WakeAllDeps } from './wake-all';

export interface EnvironmentHoldDeps extends WakeAllDeps {
  pool: Pool;
  /** `HOLDFAST_HOLD`: the reason that people see; undefined lifts what an earlier start has set. */
  hold: string | undefined;
}

const by = 'environment';
const againMs = 1_000;
const maxReason = 500;

/**
 * Makes the rows say what this process's environment says: of several that start with different settings the last
 * one wins. A database that is away or has no tables yet doesn't stop a start: it is told once it can be.
 */
export async function applyEnvironmentHold(
  deps: EnvironmentHoldDeps,
): Promise<{ stop(): Promise<void> }> {
  const { log } = deps;
  const stopping = new AbortController();
  // Nobody waits for it at a start, when Temporal may be away; a stop that overtook it would cut it off.
  let waking = Promise.resolve();

  /** @returns what is in the way; null once it is done */
  async function attempt(): Promise<unknown> {
    try {
      const done = await apply(deps);
      if (done === 'set') log.warn({ event: 'hold.set', by }, 'A hold was set');
      if (done === 'lifted') {
        log.info({ event: 'hold.lifted', by }, 'A hold was lifted');
        waking = wakeAll(deps);
      }
      return null;
    } catch (error) {
      return error;
    }
  }

  async function goOn(inTheWay: unknown): Promise<void> {
    if (inTheWay === null) return;
    const line = { err: messageOf(inTheWay) };
    if (deps.hold === undefined)
      log.info(
        { event: 'hold.unread', ...line },
        'An earlier HOLDFAST_HOLD can not be looked for yet',
      );
    else log.warn({ event: 'hold.not_set', ...line }, 'HOLDFAST_HOLD can not be applied yet');
    do {
      await pause(againMs, stopping.signal);
    } while (!stopping.signal.aborted && (await attempt()) !== null);
  }

  const done = goOn(await attempt());
  return {
    stop: async () => {
      stopping.abort();
      await done;
      await waking;
    },
  };
}

async function apply({ pool, hold }: EnvironmentHoldDeps): Promise<'set' | 'lifted' | 'as it was'> {
  if (hold === undefined) {
    return (await removeOperatorHold(pool, by)) ? 'lifted' : 'as it was';
  }
  await putOperatorHold(pool, by, storedText(hold, maxReason));
  return 'set';
}
