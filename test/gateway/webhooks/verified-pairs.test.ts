import fc from 'fast-check';
import { createVerifiedPairs } from '../../../src/gateway/webhooks/verified-pairs';

const hourMs = 3_600_000;

test('a pair is known for an hour after it was last verified', () => {
  let time = 5;
  const pairs = createVerifiedPairs({ now: () => time });
  pairs.note('int_1', '192.0.2.1');
  time += hourMs - 1;
  expect(pairs.has('int_1', '192.0.2.1')).toBe(true);
  pairs.note('int_1', '192.0.2.1');
  time += hourMs - 1;
  expect(pairs.has('int_1', '192.0.2.1')).toBe(true);
  time += 1;
  expect(pairs.has('int_1', '192.0.2.1')).toBe(false);
  expect(pairs.has('int_1', '192.0.2.2')).toBe(false);
  expect(pairs.has('int_2', '192.0.2.1')).toBe(false);
});

test('many sources of one target push out its own, never another’s', () => {
  const pairs = createVerifiedPairs({ maxSourcesOfOne: 3 });
  pairs.note('int_1', 'genuine');
  for (let n = 0; n < 10; n++) {
    pairs.note('int_2', 'steady');
    pairs.note('int_2', `bot ${n}`);
  }
  expect(pairs.has('int_1', 'genuine')).toBe(true);
  const known = ['steady', 'bot 7', 'bot 8', 'bot 9'].map((source) => pairs.has('int_2', source));
  expect(known).toEqual([true, false, true, true]);
});

test('with too many in all, the target with the most sources loses the one verified longest ago', () => {
  const pairs = createVerifiedPairs({ maxPairs: 100 });
  for (let n = 0; n < 10; n++) pairs.note(`int_${n}`, 'genuine');
  for (let n = 0; n < 1_000; n++) pairs.note(`many_${n % 10}`, `bot ${n}`);
  for (let n = 0; n < 10; n++) expect(pairs.has(`int_${n}`, 'genuine')).toBe(true);
  const known = Array.from({ length: 1_000 }, (_, n) => pairs.has(`many_${n % 10}`, `bot ${n}`));
  expect(known.filter(Boolean)).toHaveLength(90);
  expect(known.slice(910)).not.toContain(false);
});

test('where all have one, it is the one of the target for which nothing has come for the longest time', () => {
  let nowMs = 0;
  const pairs = createVerifiedPairs({ maxPairs: 3, now: () => nowMs });
  for (const target of ['a', 'b', 'c', 'a', 'd']) {
    pairs.note(target, 'source');
    nowMs += 10_000;
  }
  const left = ['a', 'b', 'c', 'd'].map((target) => pairs.has(target, 'source'));
  expect(left).toEqual([true, false, true, true]);
});

test('however they are noted, no more are known than fit, and those of the last target are', () => {
  const step = fc.record({ target: fc.nat(8), source: fc.nat(12) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const pairs = createVerifiedPairs({ maxPairs: 20, maxSourcesOfOne: 6 });
      for (const { target, source } of steps) {
        pairs.note(`${target}`, `${source}`);
        expect(pairs.has(`${target}`, `${source}`)).toBe(true);
      }
      const known = Array.from({ length: 9 * 13 }, (_, n) => pairs.has(`${n % 9}`, `${n % 13}`));
      const expected = new Set(steps.map(({ target, source }) => `${target} ${source}`)).size;
      expect(known.filter(Boolean).length).toBeLessThanOrEqual(Math.min(20, expected));
      if (expected <= 6) expect(known.filter(Boolean)).toHaveLength(expected);
    }),
  );
});
