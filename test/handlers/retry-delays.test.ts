import fc from 'fast-check';
import { isExhausted, nextDelayMs } from '../../src/handlers/retry-delays';

const hourMs = 3_600_000;
const attempts = Array.from({ length: 100 }, (_, index) => index + 1);
const retried = attempts.filter((attempt) => !isExhausted(attempt));

test('S24 delays grow, whatever the jitter, and together stay under an hour', () => {
  const longest = retried.map((attempt) => nextDelayMs(attempt, null, () => 1));
  const shortest = retried.map((attempt) => nextDelayMs(attempt, null, () => 0));
  expect(longest.reduce((sum, delay) => sum + delay, 0)).toBeLessThan(hourMs);
  for (const [index, delay] of longest.slice(0, -1).entries()) {
    expect(shortest[index + 1]).toBeGreaterThan(delay);
  }
});

test('S24 it ends after some attempts, and a first failure is not the end', () => {
  expect(retried.length).toBeGreaterThan(4);
  expect(retried).toEqual(attempts.slice(0, retried.length));
  expect(retried.length).toBeLessThan(12);
});

test('S24 never earlier than the destination asked for, up to an hour', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 0, max: 48 * hourMs }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempt, askedMs, random) => {
        const delay = nextDelayMs(attempt, askedMs, () => random);
        expect(delay).toBeGreaterThanOrEqual(Math.min(askedMs, hourMs));
        expect(delay).toBeLessThanOrEqual(hourMs);
        expect(Number.isInteger(delay)).toBe(true);
      },
    ),
  );
});

test('S24 jitter spreads what failed together', () => {
  expect(nextDelayMs(1, null, () => 0)).not.toBe(nextDelayMs(1, null, () => 1));
});
