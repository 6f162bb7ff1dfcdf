import { createRequestWindow } from '../../src/lib/request-window';

const limits = { least: 4, most: 50 };

/** A server that takes so many at once; what is more waits. */
const answer = (inFlight: number, capacity: number) => 10 * Math.max(1, inFlight / capacity);

function settled(capacity: number, window = createRequestWindow(limits)): number {
  window.noteAnswer(10);
  for (let answered = 0; answered < 2_000; answered++) {
    window.noteAnswer(answer(window.size, capacity));
  }
  return window.size;
}

test('as many as may be are in flight where the server takes them at once', () => {
  expect(settled(1_000)).toBe(limits.most);
});

test('where they would wait there are about as many as it takes, and never fewer than the least', () => {
  expect(settled(4)).toBeLessThan(30);
  expect(settled(0.1)).toBe(limits.least);
});

test('it grows again once the server is quick', () => {
  const window = createRequestWindow(limits);
  settled(0.1, window);
  expect(window.size).toBe(limits.least);
  for (let answered = 0; answered < 1_000; answered++) window.noteAnswer(10);
  expect(window.size).toBe(limits.most);
});
