import fc from 'fast-check';
import {
  type BodyOf,
  bodyMemoryLimits,
  createBodyMemory,
  overheadBytes,
} from '../../../src/gateway/webhooks/body-memory';

const limits = {
  ...{ totalBytes: 1000, reservedBytes: 400, unverifiedFactor: 1, verifiedFactor: 3 },
  ...{ keptForSmallBytes: 100, smallBytes: 50, largeBytes: 600, largeAtOnce: 2 },
};

const from = (source: string | null, target: string, isVerified = false): BodyOf => ({
  ...{ source, target, isVerified },
});

/** How much one after the other gets, in pieces of ten bytes. */
function most(memory: ReturnType<typeof createBodyMemory>, of: BodyOf): number {
  let bytes = 0;
  while (memory.share(of).grow(10)) bytes += 10;
  return bytes;
}

test('one source has half of what nobody has to be verified for, the next half of the rest', () => {
  const memory = createBodyMemory(limits);
  const targets = ['t', 'u', 'v'].map((target) => most(memory, from('one', target)));
  expect(targets).toEqual([300, 0, 0]);
  expect(most(memory, from('another', 'v'))).toBe(150);
  expect(most(memory, from('a third', 'w'))).toBe(70);
});

test('a target has no more, from however many sources, and those that share an address are many', () => {
  const memory = createBodyMemory(limits);
  const sources = ['one', 'another', null].map((source) => most(memory, from(source, 't')));
  expect(sources).toEqual([300, 0, 0]);
  expect(most(memory, from(null, 'u'))).toBe(150);
});

test('whatever others take, verified pairs have what is reserved, and one that is busy three quarters of all', () => {
  const memory = createBodyMemory(limits);
  let taken = 0;
  for (let n = 0; n < 500; n++) taken += most(memory, from(`bot ${n}`, `t ${n % 40}`));
  expect(taken).toBeGreaterThan(550);
  expect(taken).toBeLessThanOrEqual(600);
  expect(most(memory, from('github', 't 1', true))).toBeGreaterThanOrEqual(300);
  expect(most(memory, from('slack', 't 2', true))).toBeGreaterThanOrEqual(70);
  expect(most(createBodyMemory(limits), from('github', 't', true))).toBe(750);
});

test('a sender’s large bodies leave something for its small ones', () => {
  const memory = createBodyMemory(limits);
  const of = from('github', 't', true);
  let taken = 0;
  while (memory.share(of).grow(60)) taken += 60;
  expect(taken).toBe(660);
  expect(most(memory, of)).toBe(90);
});

test('large ones are for verified pairs, so many at once, and stand beside', () => {
  const memory = createBodyMemory(limits);
  expect(memory.share(from('one', 't')).grow(601)).toBe(false);
  const large = ['t', 'u', 'v'].map((to) => memory.share(from(`of ${to}`, to, true)));
  expect(large.map((share) => share.grow(100) && share.grow(5000))).toEqual([true, true, false]);
  large[2]?.release();
  expect(most(memory, from('one', 'w', true))).toBe(750);
  large[0]?.release();
  large[0]?.release();
  const next = ['w', 'x'].map((to) => memory.share(from(`of ${to}`, to, true)).grow(601));
  expect(next).toEqual([true, false]);
});

test('of large ones a target has one, and so has a source', () => {
  const memory = createBodyMemory(limits);
  const share = (source: string | null, target: string) => memory.share(from(source, target, true));
  const first = share('one', 't');
  expect(first.grow(601)).toBe(true);
  expect(share('another', 't').grow(601)).toBe(false);
  expect(share(null, 't').grow(601)).toBe(false);
  expect(share('one', 'u').grow(601)).toBe(false);
  first.release();
  expect(share(null, 'u').grow(601)).toBe(true);
  expect(share(null, 't').grow(601)).toBe(true);
});

test('whatever is asked for and given back, there is never more out than there is, and nothing stays', () => {
  const step = fc.record({
    ...{ who: fc.nat(9), bytes: fc.nat(700), isRelease: fc.boolean() },
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const memory = createBodyMemory(limits);
      const shares = Array.from({ length: 10 }, (_, n) =>
        memory.share(from(`s ${n % 3}`, `t ${n % 4}`, n % 2 === 0)),
      );
      const held = shares.map(() => 0);
      for (const { who, bytes, isRelease } of steps) {
        // A body only grows.
        if (!isRelease && bytes < (held[who] ?? 0)) continue;
        if (isRelease) shares[who]?.release();
        else if (shares[who]?.grow(bytes) !== true) continue;
        held[who] = isRelease ? 0 : bytes;
        const usual = held.filter((one) => one <= limits.largeBytes);
        expect(usual.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(limits.totalBytes);
        expect(held.length - usual.length).toBeLessThanOrEqual(limits.largeAtOnce);
      }
      for (const share of shares) share.release();
      expect(most(memory, from('s 1', 't 1', true))).toBe(750);
      expect(memory.share(from('s 2', 't 2', true)).grow(601)).toBe(true);
    }),
  );
});

test('a few of the largest bodies fit, whatever the limit is', () => {
  for (const bodyLimitBytes of [1, 1_048_576, 67_108_864]) {
    const memory = createBodyMemory(bodyMemoryLimits(bodyLimitBytes));
    for (const name of ['one', 'another']) {
      expect(memory.share(from(name, name)).grow(bodyLimitBytes + overheadBytes)).toBe(true);
    }
    expect(memory.share(from('a third', 't', true)).grow(bodyLimitBytes + overheadBytes)).toBe(
      true,
    );
  }
});
