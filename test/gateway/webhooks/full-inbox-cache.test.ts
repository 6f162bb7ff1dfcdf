import { createFullInboxCache } from '../../../src/gateway/webhooks/inbox-writer';

const none = new Set<string>();

function at(keepLimit: number, ratePerSecond: number) {
  let clockMs = 0;
  const known = createFullInboxCache({ keepLimit, ratePerSecond, now: () => clockMs });
  const after = (ms: number) => {
    clockMs += ms;
    return known.sort(['one']);
  };
  return { known, after };
}

test('a full inbox is counted again after a second', () => {
  const { known, after } = at(100_000, 500);
  expect(after(0)).toEqual({ toCount: ['one'], full: [] });
  known.note(['one'], { full: new Set(['one']), halfFull: new Set(['one']) });
  expect(after(999)).toEqual({ toCount: [], full: ['one'] });
  expect(after(1)).toEqual({ toCount: ['one'], full: [] });
});

test('one more than half full is counted again after a second, one below it later', () => {
  const { known, after } = at(100_000, 500);
  known.note(['one'], { full: none, halfFull: new Set(['one']) });
  expect(after(1_000).toCount).toEqual(['one']);
  known.note(['one'], { full: none, halfFull: none });
  expect(after(9_999).toCount).toEqual([]);
  expect(after(1).toCount).toEqual(['one']);
});

test('one below half is counted again before eight gateways could fill it, and at least every second', () => {
  const { known, after } = at(8_000, 500);
  known.note(['one'], { full: none, halfFull: none });
  expect(after(1_000).toCount).toEqual(['one']);
  const { known: faster, after: afterFaster } = at(24_000, 500);
  faster.note(['one'], { full: none, halfFull: none });
  expect(afterFaster(2_999).toCount).toEqual([]);
  expect(afterFaster(1).toCount).toEqual(['one']);
  const { known: small, after: afterSmall } = at(10, Infinity);
  small.note(['one'], { full: none, halfFull: none });
  expect(afterSmall(999).toCount).toEqual([]);
  expect(afterSmall(1).toCount).toEqual(['one']);
});
