import fc from 'fast-check';
import { defaultHandling } from '../../src/deliveries/handling';
import { type FailedAttempt, retryDelayMs, retryDelaysMs } from '../../src/deliveries/policy';

const hourMs = 3_600_000;

interface Story {
  maxAttempts: number;
  giveUpAfterSeconds: number;
  durations: number[];
  /** What the destination asks for after each attempt, in milliseconds. */
  asked: (number | null)[];
  randoms: number[];
}

/** Plays attempts until the delivery is set aside. @returns when each began, and each pause */
function play({ durations, asked, randoms, ...limits }: Story) {
  const [starts, pauses]: [number[], number[]] = [[], []];
  let nowMs = 0;
  for (let attempt = 1; ; attempt++) {
    starts.push(nowMs);
    const durationMs = durations[attempt % durations.length] ?? 0;
    nowMs += durationMs;
    const retryAfterMs = asked[attempt % asked.length] ?? null;
    const failed: FailedAttempt = { attempt, durationMs, usedMs: nowMs, retryAfterMs };
    const pause = retryDelayMs(
      failed,
      limits,
      retryDelaysMs,
      () => randoms[attempt % randoms.length] ?? 0,
    );
    if (pause === null) return { starts, pauses, endMs: nowMs };
    pauses.push(pause);
    nowMs += pause;
  }
}

const stories = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 20 }),
  giveUpAfterSeconds: fc.integer({ min: 0, max: 3600 }),
  durations: fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1 }),
  asked: fc.array(fc.option(fc.integer({ min: 0, max: 48 * hourMs })), { minLength: 1 }),
  randoms: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }),
});

const usual = { ...defaultHandling, durations: [20], asked: [null], randoms: [0.5] };

test('S24 whatever is asked for and however long attempts take, it ends in time, but for a last attempt that takes longer than those before', () => {
  fc.assert(
    fc.property(stories, (story) => {
      const { starts, pauses, endMs } = play(story);
      const budgetMs = story.giveUpAfterSeconds * 1000;
      expect(starts.length).toBeLessThanOrEqual(story.maxAttempts);
      // The first attempt is always made; a later one begins before the end.
      for (const start of starts.slice(1)) expect(start).toBeLessThanOrEqual(budgetMs);
      if (new Set(story.durations).size === 1 && starts.length > 1) {
        expect(endMs).toBeLessThanOrEqual(budgetMs);
      }
      for (const pause of pauses) {
        expect(Number.isInteger(pause)).toBe(true);
        expect(pause).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});

test('S24 never earlier than the destination asked for, unless that is too late', () => {
  fc.assert(
    fc.property(stories, (story) => {
      const { starts, pauses } = play(story);
      const budgetMs = story.giveUpAfterSeconds * 1000;
      for (const [index, pause] of pauses.entries()) {
        const asked = story.asked[(index + 1) % story.asked.length] ?? 0;
        const duration = story.durations[(index + 1) % story.durations.length] ?? 0;
        const room = budgetMs - Math.max(duration, budgetMs / 100);
        const cut = (starts[index + 1] ?? 0) >= room - 1;
        expect(pause >= asked || cut).toBe(true);
      }
    }),
  );
});

test('S24 delays grow, whatever the jitter, and the eight attempts of the default fit in 50 minutes', () => {
  const longest = play({ ...usual, randoms: [1] });
  const shortest = play({ ...usual, randoms: [0] });
  expect(longest.starts).toHaveLength(8);
  expect(longest.endMs).toBeLessThan((hourMs * 5) / 6);
  for (const [index, delay] of longest.pauses.slice(0, -1).entries()) {
    expect(shortest.pauses[index + 1]).toBeGreaterThan(delay);
  }
});

test('S24 a destination that asks for an hour every time is asked once more before the hour is over, not for eight hours', () => {
  const { starts, endMs } = play({ ...usual, asked: [hourMs] });
  expect(starts).toHaveLength(2);
  expect(endMs).toBeLessThanOrEqual(hourMs);
  expect(starts[1]).toBeGreaterThan(hourMs * 0.98);
});

test('S24 attempts that all run into their time limit end within the time, too', () => {
  const { starts, endMs } = play({ ...usual, giveUpAfterSeconds: 60, durations: [10_000] });
  expect(starts.length).toBeGreaterThan(2);
  expect(endMs).toBeLessThanOrEqual(60_000);
});

test('S24 no time means one attempt, and so does one attempt', () => {
  expect(play({ ...usual, giveUpAfterSeconds: 0 }).starts).toEqual([0]);
  expect(play({ ...usual, maxAttempts: 1 }).starts).toEqual([0]);
  expect(play({ ...usual, maxAttempts: 2 }).starts).toHaveLength(2);
});

test('S24 jitter spreads what failed together', () => {
  const [one, other] = [0, 1].map((random) => play({ ...usual, randoms: [random] }).pauses);
  expect(one?.[0]).not.toBe(other?.[0]);
});
