import type { End, RoundResult } from './rounds';
import { describeRound } from './plan';

const seconds = (ms: number | null): string => (ms === null ? 'never' : (ms / 1_000).toFixed(1));

const columns = [
  ...['Round', 'Faults', 'Acknowledged', 'Lost', 'Out of order'],
  ...['Worst way back, s', 'Backlog empty, s', 'The last one waited for'],
];

/** A row for each round, in Markdown. */
export function table(rounds: readonly RoundResult[]): string {
  const rows = rounds.map((one) => [
    ...[one.round, describeRound(one.faults), one.acknowledged, one.lost, one.outOfOrder],
    ...[seconds(one.worstBackMs), seconds(one.workedOffMs), one.waitedFor || '–'],
  ]);
  return [columns, columns.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => String(cell).replaceAll('|', '/')).join(' | ')} |`)
    .join('\n');
}

export const describeResult = (one: RoundResult): string =>
  `round ${one.round}: ${one.lost} lost, ${one.outOfOrder} out of order; handled again after ${seconds(one.worstBackMs)} s at the latest, backlog empty after ${seconds(one.workedOffMs)} s`;

/** One sentence on the whole. */
export function summary(rounds: readonly RoundResult[], end: End, seed: number): string {
  const ways = rounds.map(({ worstBackMs }) => worstBackMs ?? Infinity).sort((a, b) => a - b);
  const median = ways[Math.floor((ways.length - 1) / 2)] ?? null;
  const { verdict, acknowledged, emptyMs } = end;
  return `${acknowledged} webhooks acknowledged in ${rounds.length} rounds (seed ${seed}): ${verdict.lost.length} lost, ${verdict.outOfOrder.length} out of order, ${verdict.repeats} sent twice. Ways back: ${seconds(median)} s at the median, ${seconds(ways.at(-1) ?? null)} s at worst. Inboxes empty ${seconds(emptyMs)} s after the load.`;
}

/** A sentence for whatever isn't as it must be: the exit code follows from them. */
export function problemsOf(
  rounds: readonly RoundResult[],
  end: End,
  backWithinMs: number,
): string[] {
  const late = rounds
    .filter(({ worstBackMs }) => worstBackMs === null || worstBackMs > backWithinMs)
    .map(
      ({ round, worstBackMs, slowest }) =>
        `Round ${round}: ${slowest} was handled again after ${seconds(worstBackMs)} s, not within ${seconds(backWithinMs)} s.`,
    );
  const changed = rounds.flatMap(({ round, changed: all }) =>
    all.map((one) => `Round ${round}: a fault changed a status: ${one}.`),
  );
  return [...late, ...changed, ...end.problems];
}
