import type { Pool } from '../db/pool';
import { putOperatorHold, removeOperatorHold } from '../db/queries/hold-operator';
import { messageOf } from '../errors';
import { pause } from '../pause';
import { storedText } from '../stored-text';
import { wakeAll, type WakeAllDeps } from './wake-all';

export interface EnvironmentHoldDeps extends WakeAllDeps {
  pool: Pool;
  /** `HOLDFAST_HOLD`: the reason that people see; undefined lifts what an earlier start has set. */
  hold: string | undefined;
}

const againMs = 1_000;
const maxReason = 500;

/**
 * Makes the rows say what this process's environment says: of several that start with different settings the last
 * one wins. A database that is away or has no tables yet doesn't stop a start: it is told once it can be.
 */
export async function applyEnvironmentHold(
  deps: EnvironmentHoldDeps,
): Promise<{ stop(): Promise<void> }> {
  const stopping = new AbortController();
  const first = await attempt(deps);
  const done = first === null ? Promise.resolve() : goOn(first);

  async function goOn(error: unknown): Promise<void> {
    deps.log.warn({ err: messageOf(error) }, 'HOLDFAST_HOLD can not be applied yet');
    do {
      await pause(againMs, stopping.signal);
    } while (!stopping.signal.aborted && (await attempt(deps)) !== null);
  }

  return {
    stop: () => {
      stopping.abort();
      return done;
    },
  };
}

/** @returns what is in the way; null once it is done */
async function attempt({ pool, hold, ...wake }: EnvironmentHoldDeps): Promise<unknown> {
  try {
    if (hold !== undefined) {
      await putOperatorHold(pool, 'environment', storedText(hold, maxReason));
      wake.log.warn('HOLDFAST_HOLD is set: webhooks are kept, nothing is handled');
    } else if (await removeOperatorHold(pool, 'environment')) {
      wake.log.info('the hold of an earlier HOLDFAST_HOLD is lifted');
      // Nobody waits for it: Temporal may be away, and the process is starting.
      void wakeAll(wake);
    }
    return null;
  } catch (error) {
    return error;
  }
}
