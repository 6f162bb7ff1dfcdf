import { isLongEnough } from '../../workflows/concurrency';

const yes = () => true;
const no = () => false;

test('S10 a run ends at 250 events once it is quiet, and at 1,000 however busy it is', () => {
  expect([249, 250, 999].map((events) => isLongEnough(events, yes, yes))).toEqual([
    ...[false, true, true],
  ]);
  expect([250, 999, 1_000, 1_001].map((events) => isLongEnough(events, no, yes))).toEqual([
    ...[false, false, true, true],
  ]);
});

test('S10 a run of 1,000 events goes on while it may not end, unless it is quiet', () => {
  expect([1_000, 20_000].map((events) => isLongEnough(events, no, no))).toEqual([false, false]);
  expect(isLongEnough(1_000, yes, no)).toBe(true);
});
