import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../eventually';
import type { HoldfastProcess, ProcessStarter } from './processes';
import type { System } from '../scenes/system';

/** A drain's lease may end meanwhile, or not. */
const longestStopMs = 12_000;
/** How long a successor is at work before the one that it took over from goes on. */
const longestTogetherMs = 2_000;
/** A stopped worker's open polls swallow tasks for up to a minute. */
const takeoverMs = 150_000;

/** Several workers, of which the one that is draining may be killed, or stopped and continued. */
export interface InterruptedWorkers {
  /** SIGKILL; another one is started in its place. */
  kill(): Promise<void>;
  /** SIGSTOP; it goes on by itself some seconds later. */
  stall(): Promise<void>;
  /** SIGSTOP; it goes on by itself once another one drains in its place. */
  overtake(): Promise<void>;
  /** Settles once those that were stopped have gone on; for that somebody has to drain. */
  settled(): Promise<void>;
  /** Lets all of them go on, and end. */
  end(): Promise<void>;
}

interface NamedWorker {
  name: string;
  process: HoldfastProcess;
}

/** @param random from 0 to 1: decides how long they are stopped */
export function startInterruptedWorkers(
  { config, pool }: Pick<System, 'config' | 'pool'>,
  processes: ProcessStarter,
  { count, random }: { count: number; random: () => number },
): InterruptedWorkers {
  let started = 0;
  const start = (): NamedWorker => {
    const name = `worker-${++started}`;
    const url = new URL(config.databaseUrl ?? '');
    url.searchParams.set('application_name', name);
    return { name, process: processes.start('worker', { DATABASE_URL: url.href }) };
  };
  const workers = Array.from({ length: count }, start);
  const stopped = new Map<NamedWorker, Promise<void>>();

  /** Whoever renewed a lease last. */
  const draining = () =>
    eventually(
      async () => {
        const { rows } = await pool.query<{ name: string }>(
          `SELECT application_name AS name FROM pg_stat_activity
           WHERE datname = current_database() AND query LIKE '%UPDATE drain_leases SET until = now()%'
             AND pid <> pg_backend_pid()
           ORDER BY query_start DESC LIMIT 1`,
        );
        const one = workers.find(({ name }) => name === rows[0]?.name);
        if (one === undefined || stopped.has(one)) throw new Error('no worker drains');
        return one;
      },
      { timeoutMs: takeoverMs },
    );

  async function stopUntil(goOn: () => Promise<void>): Promise<void> {
    const worker = await draining();
    worker.process.signal('SIGSTOP');
    const running = () => {
      worker.process.signal('SIGCONT');
      stopped.delete(worker);
    };
    stopped.set(worker, Promise.resolve());
    // That it fails is seen in the end.
    const goesOn = goOn().finally(running);
    goesOn.catch(() => undefined);
    stopped.set(worker, goesOn);
  }

  const settled = async () => {
    await Promise.all(stopped.values());
  };

  return {
    kill: async () => {
      const worker = await draining();
      await worker.process.kill();
      workers[workers.indexOf(worker)] = start();
    },
    stall: () => stopUntil(() => delay(longestStopMs * random())),
    overtake: () =>
      stopUntil(async () => {
        await draining();
        await delay(longestTogetherMs * random());
      }),
    settled,
    end: async () => {
      await settled();
      await Promise.all(workers.map(({ process }) => process.stop()));
    },
  };
}
