import type { Measurement } from '../../bench/measure';
import { quantile, summarise } from '../../bench/statistics';
import { judge } from '../../bench/targets';

const measured = (system: Measurement['system'], round: number, rate: number): Measurement => ({
  ...{ system, round, rate, connections: 50, accepted: 1, answers: 1, rows: 1, p50Ms: 1, p99Ms: 2 },
  ...{ generatorLoad: 0.5, serverMicroseconds: null, postgresMicroseconds: null },
});

test('ratios are taken within a round, and the median of them is judged', () => {
  const rates = { A: [100, 10, 100], B: [10, 1, 10], C: [16, 1.6, 30], D: [15, 1.5, 15] };
  const judged = judge(
    (['A', 'B', 'C', 'D'] as const).flatMap((system) =>
      rates[system].map((rate, index) => measured(system, index + 1, rate)),
    ),
  );
  expect(judged.map(({ name, wanted, met }) => [name, wanted, met])).toEqual([
    ['C / B', 'at least 1.5', true],
    ['C / B', 'at least 2', false],
    ['C / A', 'at least 0.25', false],
    ['C / A', 'at least 0.35', false],
    ['D / C', 'at least 0.95', false],
  ]);
  expect(judged[0]?.measured).toEqual({ median: 1.6, min: 1.6, max: 3 });
});

test('at one connection the median time is judged', () => {
  const one = { ...measured('C', 1, 400), connections: 1, p50Ms: 3.5 };
  expect(judge([one])).toMatchObject([{ name: 'C, median time', met: false }]);
  expect(judge([{ ...one, p50Ms: 2.5 }])).toMatchObject([{ met: true }]);
});

test('a median lies between the two in the middle, a quantile is one of the values', () => {
  expect(summarise([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
  expect([0.01, 0.5, 0.99, 1].map((share) => quantile([1, 2, 3, 4], share))).toEqual([1, 2, 4, 4]);
});
