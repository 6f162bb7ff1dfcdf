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

test('with too many in all, the target goes for which nothing has come for the longest time', () => {
  const pairs = createVerifiedPairs({ maxPairs: 4 });
  pairs.note('int_1', 'a');
  pairs.note('int_1', 'b');
  pairs.note('int_2', 'a');
  pairs.note('int_1', 'b');
  pairs.note('int_3', 'a');
  pairs.note('int_4', 'a');
  expect(pairs.has('int_2', 'a')).toBe(false);
  expect(pairs.has('int_1', 'a')).toBe(true);
  for (let n = 0; n < 100; n++) pairs.note(`int_${n}`, 'a');
  const left = Array.from({ length: 100 }, (_, n) => pairs.has(`int_${n}`, 'a'));
  expect(left.filter(Boolean)).toHaveLength(4);
});
