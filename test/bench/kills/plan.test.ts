import { describeRound, faultKinds, partOf, planRounds } from '../../../bench/kills/plan';

const seeds = Array.from({ length: 200 }, (_, seed) => seed);
const plan = (seed: number, rounds = 20, longestAwayMs = 6_000) =>
  planRounds(seed, { rounds, longestAwayMs });

test('the same seed gives the same faults, another seed others', () => {
  expect(plan(7)).toEqual(plan(7));
  expect(plan(7).slice(0, 4)).toEqual(plan(7, 4));
  expect(plan(7)).not.toEqual(plan(8));
});

test('every four rounds have each kind of fault once, and one of them has two', () => {
  for (const seed of seeds) {
    const rounds = plan(seed);
    expect(rounds).toHaveLength(20);
    for (let at = 0; at < rounds.length; at += 4) {
      const four = rounds.slice(at, at + 4);
      const kinds = four.flat().map(({ kind }) => kind);
      expect(kinds.sort()).toEqual([...faultKinds].sort());
      expect(four.map(({ length }) => length).sort()).toEqual([1, 1, 1, 2]);
    }
  }
});

test('two at once are two parts, the second is struck while the first is away, and none for too long', () => {
  for (const round of seeds.flatMap((seed) => plan(seed))) {
    const [first, second] = round;
    for (const { afterMs, awayMs } of round) {
      expect(afterMs).toBeGreaterThanOrEqual(0);
      expect(awayMs).toBeGreaterThanOrEqual(1_500);
      expect(awayMs).toBeLessThanOrEqual(6_000);
    }
    if (first === undefined || second === undefined) continue;
    expect(partOf(first.kind)).not.toBe(partOf(second.kind));
    expect(second.afterMs).toBeGreaterThanOrEqual(first.afterMs);
    expect(second.afterMs).toBeLessThan(first.afterMs + first.awayMs);
  }
});

test('a round is said in words', () => {
  expect(
    describeRound([
      { kind: 'postgres stopped', afterMs: 10, awayMs: 3_210 },
      { kind: 'worker killed', afterMs: 20, awayMs: 5_000 },
    ]),
  ).toBe('postgres stopped for 3.2 s, with it worker killed for 5.0 s');
});
