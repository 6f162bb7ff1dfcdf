import fc from 'fast-check';
import { bodyMemoryLimits, createBodyMemory } from '../../../src/gateway/webhooks/body-memory';

const limits = { totalBytes: 1000, keptForSmallBytes: 400, smallBytes: 100 };

test('large bodies get what is not kept for small ones', () => {
  const memory = createBodyMemory(limits);
  const large = memory.share();
  expect([large.grow(101), large.grow(600), large.grow(601)]).toEqual([true, true, false]);
  expect(memory.share().grow(101)).toBe(false);
  const small = Array.from({ length: 5 }, () => memory.share());
  expect(small.map((share) => share.grow(100))).toEqual([true, true, true, true, false]);
});

test('what is given back can be had again, and is given back once', () => {
  const memory = createBodyMemory(limits);
  const one = memory.share();
  one.grow(600);
  one.release();
  one.release();
  const other = memory.share();
  expect(other.grow(600)).toBe(true);
  expect(memory.share().grow(101)).toBe(false);
});

test('whatever is asked for and given back, there is never more out than there is', () => {
  const step = fc.record({ who: fc.nat(9), bytes: fc.nat(700), isRelease: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const memory = createBodyMemory(limits);
      const shares = Array.from({ length: 10 }, () => memory.share());
      const held = shares.map(() => 0);
      for (const { who, bytes, isRelease } of steps) {
        if (isRelease) shares[who]?.release();
        else if (shares[who]?.grow(bytes) !== true) continue;
        held[who] = isRelease ? 0 : bytes;
        const total = held.reduce((sum, one) => sum + one, 0);
        expect(total).toBeLessThanOrEqual(limits.totalBytes);
      }
      for (const share of shares) share.release();
      expect(memory.share().grow(600)).toBe(true);
    }),
  );
});

test('a few of the largest bodies fit, whatever the limit is', () => {
  for (const bodyLimitBytes of [1, 1_048_576, 67_108_864]) {
    const memory = createBodyMemory(bodyMemoryLimits(bodyLimitBytes));
    for (let count = 0; count < 3; count++) {
      expect(memory.share().grow(bodyLimitBytes + 8192)).toBe(true);
    }
  }
});
