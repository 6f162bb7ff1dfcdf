import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from '../../../src/db/pool';
import { eventually } from '../../support/eventually';
import type { Presentation } from './presentation';
import type { LifeScene, Person } from './scene';
import type { WorkerSlot } from './workers';

export type TroubleKind =
  /** The provider has rotated, and the answer never leaves it. */
  | 'kill at the answer'
  /** The answer has arrived, and the commit of what it brought waits for a lock. */
  | 'kill before the commit'
  | 'kill'
  | 'short stop'
  /** Until a successor has shown the token again. */
  | 'long stop';

/** Makes troubles of a life; `struck` are the rotations that exact kills made sure nobody stored. */
export function createTroubles(life: LifeScene, people: Person[], random: () => number) {
  const struck: Presentation[] = [];
  let longStop: Promise<unknown> = Promise.resolve();

  const slotOf = (pid: number) => life.workers.find((worker) => worker.pid() === pid);
  const anyWorker = (): WorkerSlot => {
    const [first, second] = life.workers;
    const chosen = random() < 0.5 ? first : second;
    if (!chosen.isStalled()) return chosen;
    return chosen === first ? second : first;
  };

  const troubles: Record<TroubleKind, () => Promise<unknown>> = {
    'kill at the answer': async () => {
      const one = await life.provider.strikeNext(async ({ pid }) => {
        await slotOf(pid)?.kill();
        return 'drop';
      });
      struck.push(one);
    },
    'kill before the commit': async () => {
      let killed: Promise<void> = Promise.resolve();
      const one = await life.provider.strikeNext(async ({ pid, account }) => {
        const person = people.find((candidate) => candidate.account === account);
        const lock = await lockRow(life.system.pool, person?.credentialId ?? '');
        killed = lock.terminateNext(async () => slotOf(pid)?.kill());
        return 'answer';
      });
      await killed;
      struck.push(one);
    },
    kill: () => anyWorker().kill(),
    'short stop': async () => {
      await longStop;
      const go = anyWorker().stall();
      await delay(1_000 + 4_000 * random());
      go();
    },
    'long stop': async () => {
      await longStop;
      let go: (() => void) | undefined;
      const one = await life.provider.strikeNext(({ pid }) => {
        go = slotOf(pid)?.stall();
        return Promise.resolve('answer');
      });
      const successor = () =>
        life.provider.shown.some(
          ({ token, startedAt }) => token === one.token && startedAt > one.startedAt,
        );
      longStop = eventually(
        () => {
          if (!successor()) throw new Error('no successor has shown the token');
        },
        { timeoutMs: 120_000, everyMs: 100 },
      )
        .then(() => delay(1_000 + 3_000 * random()))
        .finally(() => go?.());
    },
  };

  return {
    struck,
    /** Spreads a plan over a time, and waits for the end of the last. */
    run: async (plan: readonly TroubleKind[], overMs: number) => {
      const startedAt = Date.now();
      for (const [index, kind] of plan.entries()) {
        const at = startedAt + ((index + random()) * overMs) / plan.length;
        await delay(Math.max(0, at - Date.now()));
        await troubles[kind]();
      }
      await longStop;
    },
  };
}

/** Holds a credential's row; whoever comes to write new tokens into it is ended once `work` is done. */
async function lockRow(pool: Pool, id: string) {
  const keeper = await pool.connect();
  await keeper.query('BEGIN');
  const { rows } = await keeper.query<{ pid: number }>(
    'SELECT pg_backend_pid() AS pid FROM credentials WHERE id = $1 FOR UPDATE',
    [id],
  );
  return {
    terminateNext: async (work: () => Promise<unknown>) => {
      try {
        const waiting = await eventually(async () => {
          const found = await pool.query<{ pid: number }>(
            `SELECT pid FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))
             AND query LIKE '%version = version + 1%'`,
            [rows[0]?.pid],
          );
          if (found.rows[0] === undefined) throw new Error('nobody came to store tokens');
          return found.rows[0].pid;
        });
        await work();
        await pool.query('SELECT pg_terminate_backend($1)', [waiting]);
      } finally {
        await keeper.query('ROLLBACK');
        keeper.release();
      }
    },
  };
}
