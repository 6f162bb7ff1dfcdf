import { createFullInboxCache } from '../../../src/gateway/webhooks/inbox-writer';

const keepLimit = 100_000;

function cache(limit = keepLimit) {
  let clockMs = 0;
  const known = createFullInboxCache({ keepLimit: limit, now: () => clockMs });
  const after = (ms: number) => {
    clockMs += ms;
    return known.sort(['one']);
  };
  const counted = (pending: number) => known.note(['one'], new Map([['one', pending]]));
  return { known, after, counted };
}

test('a full inbox is counted again after a second, and what was found is known meanwhile', () => {
  const { after, counted } = cache();
  expect(after(0)).toEqual({ toCount: ['one'], full: new Map() });
  counted(keepLimit + 7);
  expect(after(999)).toEqual({ toCount: [], full: new Map([['one', keepLimit + 7]]) });
  expect(after(1)).toEqual({ toCount: ['one'], full: new Map() });
});

test('one more than half full is counted again after a second, one below it later', () => {
  const { after, counted } = cache();
  counted(keepLimit / 2 + 1);
  expect(after(999).toCount).toEqual([]);
  expect(after(1).toCount).toEqual(['one']);
  counted(keepLimit / 2);
  expect(after(9_999).toCount).toEqual([]);
  expect(after(1).toCount).toEqual(['one']);
});

test('one below half is counted again before eight gateways could fill it, and at least every second', () => {
  const { known, after, counted } = cache();
  counted(0);
  known.sort(Array.from({ length: keepLimit / 16 }, () => 'one'));
  expect(after(999).toCount).toEqual([]);
  expect(after(1).toCount).toEqual(['one']);
  counted(0);
  expect(after(9_999).toCount).toEqual([]);
});

test('an inbox that nobody has any more is not full', () => {
  const { known, after } = cache(1);
  known.note(['one'], new Map());
  expect(after(0)).toEqual({ toCount: [], full: new Map() });
});
