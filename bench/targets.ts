import type { Measurement } from './measure';
import { summarise, type Summary } from './statistics';
import type { Letter } from './systems';

/** What Holdfast promises of its way of accepting webhooks. */
interface Target {
  name: string;
  connections: number;
  bound: 'at least' | 'at most';
  value: number;
  unit: string;
  of: (rounds: Rounds) => number[];
}

export interface Judged {
  name: string;
  connections: number;
  /** `at least 1.5` */
  wanted: string;
  unit: string;
  measured: Summary;
  met: boolean;
}

/** A system's measurements at one number of connections, by round. */
type Rounds = (system: Letter) => readonly Measurement[];

/** Of rates in the same round: what slows the machine for a while slows both. */
const ratio = (a: Letter, b: Letter) => (rounds: Rounds) =>
  rounds(a).map(({ rate }, index) => rate / (rounds(b)[index]?.rate ?? NaN));

const targets: readonly Target[] = [
  ...[1.5, 2].map((value) => rateTarget('C / B', value, ratio('C', 'B'))),
  ...[0.25, 0.35].map((value) => rateTarget('C / A', value, ratio('C', 'A'))),
  rateTarget('D / C', 0.95, ratio('D', 'C')),
  {
    ...{ name: 'C, median time', connections: 1, bound: 'at most', value: 3, unit: ' ms' },
    of: (rounds) => rounds('C').map(({ p50Ms }) => p50Ms),
  },
];

function rateTarget(name: string, value: number, of: Target['of']): Target {
  return { name, connections: 50, bound: 'at least', value, unit: '×', of };
}

/** @returns those that something was measured for */
export function judge(measurements: readonly Measurement[]): Judged[] {
  return targets.flatMap(({ name, connections, bound, value, unit, of }) => {
    const rounds: Rounds = (letter) =>
      measurements.filter((one) => one.system === letter && one.connections === connections);
    const values = of(rounds);
    if (values.length === 0) return [];
    const measured = summarise(values);
    const met = bound === 'at least' ? measured.median >= value : measured.median <= value;
    return [{ name, connections, wanted: `${bound} ${value}`, unit, measured, met }];
  });
}
