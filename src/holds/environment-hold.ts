import type { Pool, Queryable } from '../db/pool';
import { type AuditAction, insertAudit } from '../db/queries/audit';
import { putEnvironmentHold, removeOperatorHold } from '../db/queries/holds';
import { inTransaction } from '../db/transaction';
import { messageOf } from '../lib/errors';
import { newId } from '../lib/ids';
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
    const isLifted = await change(pool, 'hold.lifted', (db) => removeOperatorHold(db, by));
    return isLifted ? 'lifted' : 'as it was';
  }
  const reason = storedText(hold, maxReason);
  await change(pool, 'hold.set', (db) => putEnvironmentHold(db, reason));
  return 'set';
}

/** Who starts processes is no key and no person: the audit names the variable. */
function change(
  pool: Pool,
  action: AuditAction,
  work: (db: Queryable) => Promise<boolean>,
): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const isChanged = await work(client);
    if (isChanged) {
      await insertAudit(client, {
        ...{ id: newId('aud'), actorKind: 'operator', actorName: 'HOLDFAST_HOLD', actorId: null },
        ...{ action, subject: null, integrationHash: null, sourceAddress: null, requestId: null },
      });
    }
    return isChanged;
  });
}
