import { createPendingCounts } from '../../src/live/pending-counts';

function counting(tookMs = 0) {
  const counted: string[] = [];
  const counts = createPendingCounts(async (id) => {
    counted.push(id);
    const until = performance.now() + tookMs;
    while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
    return counted.length;
  });
  return { counts, counted };
}

test('a count is not taken again while it is fresh', async () => {
  const { counts, counted } = counting();
  expect(counts.of('a')).toBeUndefined();
  await counts.refresh(['a']);
  await counts.refresh(['a']);
  expect(counted).toEqual(['a']);
  expect(counts.of('a')).toBe(1);
});

test('where there is too much to count for one look, each has its turn', async () => {
  const { counts, counted } = counting(60);
  const all = ['a', 'b', 'c', 'd'];
  await counts.refresh(all);
  expect(counted).toEqual(['a', 'b']);
  expect(counts.of('c')).toBeUndefined();
  await counts.refresh(all);
  expect(counted).toEqual(all);
});

test('one that takes longer than there is time for is counted all the same', async () => {
  const { counts } = counting(150);
  await counts.refresh(['a', 'b']);
  expect([counts.of('a'), counts.of('b')]).toEqual([1, undefined]);
});
