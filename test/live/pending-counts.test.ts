import { setImmediate } from 'node:timers/promises';
import { createPendingCounts } from '../../src/live/pending-counts';
import { createLog } from '../../src/lib/log';
import { eventually } from '../support/eventually';

/** @param answer what counting comes to */
function counting(answer: (id: string, times: number) => Promise<number>) {
  const counted: string[] = [];
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => lines.push(line) });
  const counts = createPendingCounts((id) => {
    counted.push(id);
    return answer(id, counted.filter((one) => one === id).length);
  }, log);
  return { counts, counted, lines };
}

const never = new Promise<number>(() => undefined);

test('a count is not taken again while it is fresh', async () => {
  const { counts, counted } = counting((_id, times) => Promise.resolve(times));
  expect(counts.of('a')).toBeUndefined();
  await counts.refresh(['a']);
  await counts.refresh(['a']);
  expect(counted).toEqual(['a']);
  expect(counts.of('a')).toBe(1);
});

test('whatever was never counted is, however many there are, before anything is told of it', async () => {
  const { counts } = counting(async (id) => {
    await setImmediate();
    return Number(id);
  });
  const ids = Array.from({ length: 300 }, (_, number) => String(number));
  await counts.refresh(ids);
  expect(ids.map((id) => counts.of(id))).toEqual(ids.map(Number));
});

test('one that takes for ever holds up nobody for longer than a second', async () => {
  const { counts } = counting((id) => (id === 'slow' ? never : Promise.resolve(7)));
  const began = performance.now();
  await counts.refresh(['slow', 'a']);
  expect(performance.now() - began).toBeLessThan(5_000);
  expect([counts.of('slow'), counts.of('a')]).toEqual([undefined, 7]);
  // Nor is it asked for once more meanwhile.
  await counts.refresh(['a']);
});

test('what was counted too long ago is counted again behind the reader’s back, and one that fails keeps what is known', async () => {
  const { counts, counted, lines } = counting((_id, times) =>
    times === 1 ? Promise.resolve(1) : Promise.reject(new Error('no database')),
  );
  await counts.refresh(['a']);
  await eventually(async () => {
    await counts.refresh(['a']);
    expect(counted).toEqual(['a', 'a']);
  });
  await eventually(() => expect(lines.join('')).toContain('can not be counted'));
  expect(counts.of('a')).toBe(1);
});
