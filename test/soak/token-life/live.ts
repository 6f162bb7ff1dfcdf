import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../support/eventually';
import { seededRandom } from '../../support/random';
import { askForTokens, type Callers, sendWebhooks, type Tally } from './callers';
import { judge, type Presentation, type Verdict } from './presentation';
import { startLifeScene } from './scene';
import { noteStoredTokens, readStoredTokens } from './stored-tokens';
import { startTokenUser } from './token-user';
import { createTroubles, type TroubleKind } from './troubles';

export interface Life {
  shown: Presentation[];
  verdict: Verdict;
  tally: Tally;
  /** Rotations that an exact kill made sure nobody stored. */
  struck: Presentation[];
  /** `<account>: <code>` for each version that was found dead. */
  deaths: string[];
  /** Deliveries that were not handled at the end. */
  unhandled: number;
  /** Uses of access tokens by each worker process. */
  usesByWorker: number[];
  report: Record<string, number>;
}

interface LifeOptions {
  /** How long it is lived. Access tokens last two seconds. */
  lifeMs: number;
  /** Grants; each with two integrations. */
  people: number;
  troubles: readonly TroubleKind[];
  seed: number;
}

/** Grants with two integrations each on two workers; webhooks whose handling needs a token, two callers for each. */
export async function live({
  lifeMs,
  people: count,
  troubles: plan,
  seed,
}: LifeOptions): Promise<Life> {
  const random = seededRandom(seed);
  const user = await startTokenUser(random);
  const life = await startLifeScene(2);
  let over = false;
  let ended = false;
  try {
    user.use(life);
    await noteStoredTokens(life.system);
    const people = await Promise.all(
      Array.from({ length: count }, (_, index) =>
        life.settle(`person-${String(index + 1)}`, user.destination.url),
      ),
    );
    const tally: Tally = { tokens: 0, unavailable: 0, dead: 0, wrong: [], deliveries: 0 };
    const reconnectedAt = new Map<string, number>();
    const deaths: string[] = [];
    const callers: Callers = { life, random, reconnectedAt, tally, isOver: () => over };
    const running = [
      ...people.flatMap((person) => [askForTokens(callers, person), askForTokens(callers, person)]),
      ...people.flatMap(({ integrations }) => integrations.map((to) => sendWebhooks(callers, to))),
    ];
    const mending = mend();
    const troubles = createTroubles(life, people, random);
    await Promise.all([troubles.run(plan, lifeMs), delay(lifeMs)]);
    if (plan.length === 0) await eventually(everyWorkerHasUsedTokens, { timeoutMs: 60_000 });
    over = true;
    await Promise.all(running);
    const unhandled = await settled().catch(() => pending());
    ended = true;
    await mending;

    const { shown, uses } = life.provider;
    const stored = await readStoredTokens(life.system);
    const verdict = judge({ shown, troubles: life.troubles, stored });
    const workers = [...life.pids];
    return {
      ...{ shown, verdict, tally, struck: troubles.struck, deaths, unhandled },
      usesByWorker: workers.map((pid) => uses.filter((use) => use.pid === pid).length),
      report: {
        refreshes: shown.filter(({ outcome }) => outcome === 'rotated').length,
        presentations: shown.length,
        rotationLost: verdict.rotationsLost.length,
        kills: life.troubles.filter(({ kind }) => kind === 'kill').length,
        exactKills: troubles.struck.length,
        stops: life.troubles.filter(({ kind }) => kind === 'stop').length,
        longStops: life.troubles.filter(
          ({ kind, from, to }) => kind === 'stop' && to - from > 20_000,
        ).length,
        workers: workers.length,
        ...{ tokens: tally.tokens, unavailable: tally.unavailable, dead: tally.dead },
        ...{ deliveries: tally.deliveries, refusedByDestination: user.refusals() },
      },
    };

    function everyWorkerHasUsedTokens(): void {
      const idle = [...life.pids].filter((pid) =>
        life.provider.uses.every((use) => use.pid !== pid),
      );
      if (idle.length > 0) throw new Error(`${String(idle.length)} workers have used no token`);
    }

    /** Reconnects whatever died, as its person would. */
    async function mend(): Promise<void> {
      while (!ended) {
        const { rows } = await life.system.pool.query<{ id: string; code: string }>(
          "SELECT id, code FROM credentials WHERE state = 'dead'",
        );
        for (const { id, code } of rows) {
          const person = people.find(({ credentialId }) => credentialId === id);
          if (person === undefined) continue;
          deaths.push(`${person.account}: ${code}`);
          await life.reconnect(person);
          reconnectedAt.set(person.account, Date.now());
        }
        await delay(250);
      }
    }

    async function pending(): Promise<number> {
      const { rows } = await life.system.pool.query<{ count: number }>(
        `SELECT count(*)::int FROM deliveries WHERE state <> 'handled'`,
      );
      return rows[0]?.count ?? 0;
    }

    function settled(): Promise<number> {
      return eventually(
        async () => {
          const { rowCount } = await life.system.pool.query(
            `SELECT FROM credentials WHERE state <> 'alive'
             UNION ALL SELECT FROM integrations WHERE status <> 'ENABLED'`,
          );
          const left = await pending();
          if (left > 0 || rowCount !== 0) throw new Error('life has not settled');
          return left;
        },
        { timeoutMs: 180_000, everyMs: 250 },
      );
    }
  } finally {
    over = ended = true;
    await life.close();
    await user.destination.close();
  }
}
