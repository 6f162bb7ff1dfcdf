import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../src/dev/process/wait-until';
import type { Application } from './application';
import { type Api, standingOf } from './integrations';
import { judge, type Log, type Verdict, waysBack, workedOff } from './judge';
import type { Load, Target } from './load';
import type { Parts } from './parts';
import { describeRound, type Fault, partOf, type Round } from './plan';
import type { Window } from './waits';

/** A round is watched for as long after the last return: what is later is lost. */
const patienceMs = 90_000;

export interface RoundResult {
  round: number;
  faults: Round;
  /** Unix milliseconds. */
  struckAt: number;
  backAt: number;
  /** So far. */
  acknowledged: number;
  lost: number;
  outOfOrder: number;
  repeats: number;
  /** After the last return, in milliseconds; null: not handled again. */
  worstBackMs: number | null;
  /** Which integration it was. */
  slowest: string;
  /** After the last return, until all that was acknowledged before it was handled, in milliseconds; null: never. */
  workedOffMs: number | null;
  /** Whose status or transition is another one now. */
  changed: string[];
  /** What the last one waited for whose backlog was empty, as its history has it; empty where it waited for nothing. */
  waitedFor: string;
}

export interface Scene {
  parts: Parts;
  api: Api;
  application: Application;
  load: Load;
  targets: readonly Target[];
  /** Where logs and data are. */
  folder: string;
  /** What an integration waited for. */
  explain: (integrationId: string, window: Window) => Promise<string>;
  say: (message: string) => void;
}

export const logOf = ({ load, application }: Pick<Scene, 'load' | 'application'>): Log => ({
  acknowledged: load.acknowledged,
  received: application.received,
});

/** Plays one round, and waits until all goes on. */
export async function playRound(scene: Scene, round: number, faults: Round): Promise<RoundResult> {
  const { application, targets, say } = scene;
  const ids = targets.map(({ id }) => id);
  say(`round ${round}: ${describeRound(faults)}`);
  const struckAt = Date.now();
  const returns = await Promise.all(faults.map((fault) => playFault(scene, fault)));
  const backAt = Math.max(...returns);

  const seen = () => ({
    ways: waysBack(ids, application.received, backAt),
    empty: workedOff(logOf(scene), backAt),
  });
  await waitUntil(
    () => {
      const { ways, empty } = seen();
      if (empty === null || [...ways.values()].includes(null)) throw new Error('not yet');
    },
    { timeoutMs: patienceMs, everyMs: 100 },
  ).catch(() => undefined);
  const { ways, empty } = seen();
  const [slowest, worstBackMs] = [...ways].sort(([, a], [, b]) => late(b) - late(a))[0] ?? ['', 0];
  const verdict = judge(before(logOf(scene), backAt));
  // Whoever was the last to have nothing left, or else the last to be handled again.
  const last = empty === null || empty.integrationId === '' ? slowest : empty.integrationId;
  const handledAt = Math.max(backAt + (worstBackMs ?? patienceMs), empty?.at ?? Date.now());
  return {
    ...{ round, faults, struckAt, backAt, worstBackMs, slowest },
    ...counts(verdict),
    acknowledged: scene.load.acknowledged.length,
    workedOffMs: empty === null ? null : empty.at - backAt,
    changed: await changedOf(scene),
    waitedFor: await scene.explain(last, { struckAt, backAt, handledAt }),
  };
}

const late = (ms: number | null) => ms ?? Infinity;

async function playFault(
  { parts, say }: Pick<Scene, 'parts' | 'say'>,
  { kind, afterMs, awayMs }: Fault,
): Promise<number> {
  await sleep(afterMs);
  await parts.strike(kind);
  say(`${partOf(kind)} is away`);
  await sleep(awayMs);
  await parts.bringBack(kind);
  say(`${partOf(kind)} is back`);
  return Date.now();
}

/** What comes later is judged by a later round, or at the end. */
const before = ({ acknowledged, received }: Log, moment: number): Log => ({
  acknowledged: acknowledged.filter(({ at }) => at <= moment),
  received,
});

/** Here what was acknowledged later is unknown, and nothing is said of it. */
const counts = ({ lost, outOfOrder, repeats }: Verdict) => ({
  ...{ lost: lost.length, outOfOrder: outOfOrder.length, repeats },
});

/** A fault that passes changes no status. */
export async function changedOf({
  api,
  targets,
}: Pick<Scene, 'api' | 'targets'>): Promise<string[]> {
  const standings = await Promise.all(
    targets.map(async ({ id }) => ({ id, ...(await standingOf(api, id)) })),
  );
  return standings
    .filter(({ status, transition }) => status !== 'ENABLED' || transition !== 0)
    .map(({ id, status, transition }) => `${id} is ${status}, transition ${transition}`);
}

export interface End {
  verdict: Verdict;
  acknowledged: number;
  /** From the end of the load until nothing was pending, in milliseconds. */
  emptyMs: number;
  /** Whatever isn't as it must be, a sentence each. */
  problems: string[];
}

/** Ends the load, waits until all inboxes are empty, and judges the whole run. */
export async function endRounds(scene: Scene): Promise<End> {
  const { api, load, targets } = scene;
  await load.stop();
  const stoppedAt = Date.now();
  const pending = async () => {
    const all = await Promise.all(targets.map(({ id }) => standingOf(api, id)));
    return all.reduce((sum, one) => sum + one.pending, 0);
  };
  let left = Infinity;
  await waitUntil(
    async () => {
      left = await pending();
      if (left > 0) throw new Error(`${left} are pending`);
    },
    { timeoutMs: patienceMs, everyMs: 200 },
  ).catch(() => undefined);
  const emptyMs = Date.now() - stoppedAt;
  const verdict = judge(logOf(scene));
  const problems = [
    ...(left > 0
      ? [`${left} webhooks are still pending ${patienceMs / 1_000} s after the load.`]
      : []),
    ...(await changedOf(scene)).map((one) => `A fault changed a status: ${one}.`),
    ...named('Lost', verdict.lost),
    ...named('Out of order', verdict.outOfOrder),
    ...named('Handled though never acknowledged', verdict.unknown),
  ];
  return { verdict, acknowledged: load.acknowledged.length, emptyMs, problems };
}

const shown = 5;

function named(what: string, entries: readonly { deliveryId: string }[]): string[] {
  if (entries.length === 0) return [];
  const ids = entries.slice(0, shown).map(({ deliveryId }) => deliveryId);
  return [`${what}: ${entries.length}, such as ${ids.join(', ')}.`];
}
