import { seededRandom } from './seeded-random';

/** What can happen to a part: killed (SIGKILL), or stopped (SIGSTOP) as a machine does that hangs. */
export const faultKinds = [
  'postgres killed',
  'postgres stopped',
  'temporal killed',
  'worker killed',
  'gateway killed',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** The processes that faults happen to. */
export const partNames = ['postgres', 'temporal', 'worker', 'gateway'] as const;
export type PartName = (typeof partNames)[number];

export const partOf = (kind: FaultKind): PartName => kind.split(' ')[0] as PartName;

export interface Fault {
  kind: FaultKind;
  /** After the beginning of its round, in milliseconds. */
  afterMs: number;
  /** How long it is away before it is started or continued, in milliseconds. */
  awayMs: number;
}

/** One fault, or two of which the second comes while the first lasts. */
export type Round = Fault[];

const shortestAwayMs = 1_500;
const longestCalmMs = 2_000;

/**
 * The same faults for the same arguments. Every four rounds from the first on have each kind once: in one of them two come
 * together.
 *
 * @param longestAwayMs at least 1,500
 */
export function planRounds(
  seed: number,
  { rounds, longestAwayMs }: { rounds: number; longestAwayMs: number },
): Round[] {
  const random = seededRandom(seed);
  const fault = (kind: FaultKind, afterMs: number): Fault => ({
    ...{ kind, afterMs: Math.round(afterMs) },
    awayMs: Math.round(shortestAwayMs + (longestAwayMs - shortestAwayMs) * random()),
  });
  const plan: Round[] = [];
  while (plan.length < rounds) {
    for (const kinds of shareOut(shuffled(faultKinds, random), random)) {
      const round: Round = [];
      for (const kind of kinds) {
        const [first] = round;
        const afterMs =
          first === undefined
            ? longestCalmMs * random()
            : first.afterMs + first.awayMs * 0.8 * random();
        round.push(fault(kind, afterMs));
      }
      plan.push(round);
    }
  }
  return plan.slice(0, rounds);
}

/** Five kinds over four rounds: a part can't be killed and stopped at once. */
function shareOut(kinds: FaultKind[], random: () => number): FaultKind[][] {
  const [last, ...others] = kinds;
  const groups = others.map((kind) => [kind]);
  const start = Math.floor(random() * groups.length);
  for (let at = start; last !== undefined; at++) {
    const group = groups[at % groups.length];
    if (group?.every((kind) => partOf(kind) !== partOf(last)) !== true) continue;
    group.push(last);
    break;
  }
  return groups;
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let at = result.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [result[at], result[other]] = [result[other] as T, result[at] as T];
  }
  return result;
}

/** `postgres killed for 3.2 s, with it worker killed for 5.0 s` */
export const describeRound = (round: Round): string =>
  round.map(({ kind, awayMs }) => `${kind} for ${(awayMs / 1000).toFixed(1)} s`).join(', with it ');
