import { refreshAt } from '../../src/oauth/refresh-schedule';

const seconds = 1_000;
const minutes = 60 * seconds;
const hours = 60 * minutes;
const days = 24 * hours;
const obtainedAt = new Date('2026-11-08T08:49:37Z');

function marginMs(lifetimeMs: number, random: number): number {
  const expiresAt = new Date(obtainedAt.getTime() + lifetimeMs);
  return expiresAt.getTime() - (refreshAt(obtainedAt, expiresAt, random)?.getTime() ?? NaN);
}

describe('S39 a token is refreshed before it ends', () => {
  it.each([
    ['1 s', seconds, 250, 500],
    ['10 s', 10 * seconds, 2.5 * seconds, 5 * seconds],
    ['20 s', 20 * seconds, 5 * seconds, 10 * seconds],
    ['30 s', 30 * seconds, 5 * seconds, 10 * seconds],
    ['50 s', 50 * seconds, 5 * seconds, 10 * seconds],
    ['60 s', 60 * seconds, 6 * seconds, 12 * seconds],
    ['5 min', 5 * minutes, 30 * seconds, 60 * seconds],
    ['1 h', hours, 6 * minutes, 12 * minutes],
    ['8 h', 8 * hours, 48 * minutes, 96 * minutes],
    ['24 h', 24 * hours, 2.4 * hours, 4.8 * hours],
    ['10 days', 10 * days, 1 * days, 2 * days],
    ['30 days', 30 * days, 1 * days, 2 * days],
    ['60 days', 60 * days, 1 * days, 2 * days],
    ['10 years', 3_650 * days, 1 * days, 2 * days],
  ])('%s', (_lifetime, lifetimeMs, earliest, latest) => {
    expect(marginMs(lifetimeMs, 0)).toBe(earliest);
    expect(marginMs(lifetimeMs, 1)).toBe(latest);
    const margins = Array.from({ length: 99 }, (_, index) =>
      marginMs(lifetimeMs, (index + 1) / 100),
    );
    expect(margins).toEqual(margins.toSorted((a, b) => a - b));
    expect(Math.min(...margins)).toBeGreaterThan(earliest);
    expect(Math.max(...margins)).toBeLessThan(latest);
    const middle = margins[49] ?? NaN;
    expect(Math.abs(middle - (earliest + latest) / 2)).toBeLessThanOrEqual(1);
  });

  it('not by the clock where nobody says when it ends', () => {
    expect(refreshAt(obtainedAt, undefined, 0.5)).toBeUndefined();
  });

  it.each([0, 0.5, 1])('at once where it has ended when it comes (%d)', (random) => {
    const ended = new Date(obtainedAt.getTime() - 5_000);
    expect(refreshAt(obtainedAt, ended, random)).toEqual(ended);
  });
});
