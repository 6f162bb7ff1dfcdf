import { rejectionPlan } from '../../../activities/credential/token-rejection-streak';

const minute = 60_000;
const streak = (refusals: number, forMinutes: number, lastMinutes: number) => ({
  refusals,
  rejectedForMs: forMinutes * minute,
  lastRejectedMs: lastMinutes * minute,
});
const never = { refusals: 0, rejectedForMs: null, lastRejectedMs: null };

test.each([
  ['the first', never, 0, { isFirst: true, delayMs: 30_000 }],
  ['the first, with all its jitter', never, 1, { isFirst: true, delayMs: 24_000 }],
  ['the second', streak(1, 1, 1), 0, { isFirst: false, delayMs: minute }],
  ['the fifth', streak(4, 10, 5), 0, { isFirst: false, delayMs: 8 * minute }],
  ['a late one of many', streak(9, 30, 20), 0, { isFirst: false, delayMs: 20 * minute }],
  ['the last before the hour', streak(9, 50, 20), 0, { isFirst: false, delayMs: 10 * minute }],
  ['one after a long silence', streak(9, 300, 46), 0, { isFirst: true, delayMs: 30_000 }],
  ['the hour of a few', streak(3, 61, 30), 0, { isFirst: false, delayMs: 4 * minute }],
])('S35 %s waits', (_title, row, random, wait) => {
  expect(rejectionPlan(row, random)).toEqual({ kind: 'wait', ...wait });
});

test('S35 an hour of four refusals or more, none far from the next, is over', () => {
  expect(rejectionPlan(streak(4, 60, 10), 0)).toEqual({ kind: 'over' });
  expect(rejectionPlan(streak(4, 60, 45), 0)).toMatchObject({ kind: 'wait', isFirst: true });
});
