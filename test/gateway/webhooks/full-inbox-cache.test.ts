import type { Kept } from '../../../src/db/queries/deliveries/accept';
import {
  createFullInboxCache,
  isFull,
  nothing,
  trustMs,
} from '../../../src/gateway/webhooks/full-inbox-cache';

const limits = { keepLimit: 100_000, keepLimitBytes: 1_000_000 };
const kept = (share: Partial<Record<'pending' | 'bytes', number>>): Kept => ({
  pending: (share.pending ?? 0) * limits.keepLimit,
  bytes: (share.bytes ?? 0) * limits.keepLimitBytes,
  droppable: false,
});

test.each([
  [0, 10_000],
  [0.5, 5_000],
  [0.9, 1_000],
  [0.95, 500],
  // Full: taken again within a second of there being room.
  [1, 1_000],
  [1.5, 1_000],
  [1.95, 500],
  [2, 1_000],
  [7, 1_000],
])('at %p of either limit a count is believed for %p ms', (share, ms) => {
  expect(trustMs(kept({ pending: share }), limits)).toBeCloseTo(ms);
  expect(trustMs(kept({ bytes: share }), limits)).toBeCloseTo(ms);
});

test('at least for ten times as long as it takes, and no longer while ended bodies go', () => {
  expect(trustMs(kept({ pending: 1.999 }), limits)).toBe(100);
  expect(trustMs(kept({ pending: 0.5, bytes: 0.9999 }), limits)).toBe(50);
  expect(trustMs(kept({ bytes: 0.9999 }), limits)).toBe(5);
  expect(trustMs({ ...kept({ bytes: 1.5 }), droppable: true }, limits)).toBe(5);
});

test('the limit of which less is left decides for how long', () => {
  expect(trustMs(kept({ pending: 0.2, bytes: 0.7 }), limits)).toBeCloseTo(3_000);
  expect(trustMs(kept({ pending: 0.95, bytes: 1 }), limits)).toBeCloseTo(500);
});

test('an inbox is full at either limit, and by its bytes at twice that where ended bodies can go', () => {
  const full = (share: Parameters<typeof kept>[0], droppable = false) =>
    isFull({ ...kept(share), droppable }, limits);
  expect([full({ pending: 0.99 }), full({ pending: 1 }), full({ pending: 1 }, true)]).toEqual([
    false,
    true,
    true,
  ]);
  expect([full({ bytes: 0.99 }), full({ bytes: 1 })]).toEqual([false, true]);
  expect([full({ bytes: 1.99 }, true), full({ bytes: 2 }, true)]).toEqual([false, true]);
});

function cache() {
  let clockMs = 0;
  const known = createFullInboxCache({ ...limits, now: () => clockMs });
  const after = (ms: number) => {
    clockMs += ms;
    return known.sort(['one']);
  };
  const counted = (found: Kept) => {
    expect(after(20_000).toCount).toEqual(['one']);
    known.note('one', found);
  };
  const store = (times: number, bytes: number) => {
    for (let time = 0; time < times; time++) known.add('one', bytes);
  };
  return { known, after, counted, store };
}

test('a full inbox is counted again after a second, and what was found is known meanwhile', () => {
  const { after, counted } = cache();
  const found = kept({ pending: 1.5 });
  counted(found);
  expect(after(999)).toEqual({ toCount: [], full: new Map([['one', found]]) });
  expect(after(1)).toEqual({ toCount: ['one'], full: new Map() });
});

test.each([
  ['deliveries', limits.keepLimit / 8, 0],
  ['bytes', 1, limits.keepLimitBytes / 8],
])('it is counted before eight gateways could fill it, by %s, and not at once', (_of, n, bytes) => {
  const { after, counted, store } = cache();
  counted(nothing);
  store(n - 1, bytes);
  expect(after(9_999).toCount).toEqual([]);
  counted(nothing);
  store(n, bytes);
  expect(after(4).toCount).toEqual([]);
  expect(after(1).toCount).toEqual(['one']);
});

test.each([1, 2])('it is counted at once where bytes have come to %p times the limit', (mark) => {
  const { after, counted, store } = cache();
  counted(kept({ bytes: mark - 0.1 }));
  store(1, 0.1 * limits.keepLimitBytes - 1);
  expect(after(0).toCount).toEqual([]);
  store(1, 1);
  expect(after(0).toCount).toEqual(['one']);
});

test('what is stored while a count is under way is added to what it finds', () => {
  const { known, after, store } = cache();
  expect(after(0).toCount).toEqual(['one']);
  store(1, 0.2 * limits.keepLimitBytes);
  known.note('one', kept({ bytes: 0.8 }));
  expect(after(0).toCount).toEqual(['one']);
});

test('an inbox that nobody has any more is not full', () => {
  const { after, counted } = cache();
  counted(nothing);
  expect(after(0)).toEqual({ toCount: [], full: new Map() });
});
