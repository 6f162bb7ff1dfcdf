import { setImmediate as soon } from 'node:timers/promises';
import {
  type Admitted,
  type Clock,
  createAdmission,
  type Place,
  usualDrainLimits,
} from '../../../activities/drain/admission';
import { partyOf } from '../../../activities/drain/room';

const second = 1_000;

/** A clock that a test moves. */
function handClock(): Clock & { pass(ms: number): void } {
  let at = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  return {
    now: () => at,
    after: (ms, run) => {
      const timer = { at: at + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass: (ms) => {
      at += ms;
      for (const timer of timers) {
        if (timer.at > at) continue;
        timers.delete(timer);
        timer.run();
      }
    },
  };
}

const party = (userId: string, target = 'https://app.example') => ({ userId, target });

/** Drains as they come, and what became of them. */
function scene() {
  const clock = handClock();
  const admission = createAdmission(usualDrainLimits, clock, () => 0.5);
  const answers: { userId: string; admitted: Admitted }[] = [];
  const begin = async (userId: string, target?: string, count = 1) => {
    for (let index = 0; index < count; index++) {
      void admission
        .begin(party(userId, target))
        .then((admitted) => answers.push({ userId, admitted }));
    }
    await soon();
  };
  const of = (userId: string) => answers.filter((one) => one.userId === userId);
  return {
    begin,
    pass: async (ms: number) => {
      clock.pass(ms);
      await soon();
    },
    places: (userId: string): Place[] =>
      of(userId).flatMap(({ admitted }) => (admitted.kind === 'begun' ? [admitted.place] : [])),
    begun: (userId: string) =>
      of(userId).filter(({ admitted }) => admitted.kind === 'begun').length,
    waits: (userId: string): number[] =>
      of(userId).flatMap(({ admitted }) =>
        admitted.kind === 'put_off' ? [admitted.comeBackMs] : [],
      ),
  };
}

test('two thousand that hang, of one user, leave room for whoever comes next, also before it is known that they hang', async () => {
  const { begin, pass, begun, waits } = scene();
  await begin('hanging', undefined, 2_000);
  expect(begun('hanging')).toBe(200);
  expect(waits('hanging')).toEqual([]);
  await begin('healthy-1');
  expect(begun('healthy-1')).toBe(1);
  await pass(2 * second);
  await pass(2 * second);
  expect(begun('hanging') + waits('hanging').length).toBe(2_000);
  expect(begun('hanging')).toBeGreaterThanOrEqual(200);
  expect(begun('hanging')).toBeLessThanOrEqual(300);
  await begin('healthy-2');
  await begin('healthy-3', 'https://other.example');
  expect([begun('healthy-2'), begun('healthy-3')]).toEqual([1, 1]);
});

test('quick drains of one user are never put off, and two hundred of them run at once', async () => {
  const { begin, pass, places, begun, waits } = scene();
  await begin('busy', undefined, 1_000);
  for (let ended = 0; ended < 1_000;) {
    expect(begun('busy') - ended).toBe(Math.min(200, 1_000 - ended));
    for (const place of places('busy').slice(ended, ended + 100)) {
      place.end();
      ended++;
    }
    await pass(second / 2);
  }
  expect(waits('busy')).toEqual([]);
});

test('a drain that gets on does not hang, however long it takes', async () => {
  const { begin, pass, places, begun, waits } = scene();
  await begin('steady', undefined, 150);
  for (let round = 0; round < 5; round++) {
    await pass(1.5 * second);
    for (const place of places('steady')) expect(place.goOn()).toBeNull();
  }
  await begin('steady', undefined, 50);
  expect(begun('steady')).toBe(200);
  expect(waits('steady')).toEqual([]);
});

test('slow drains go on while nobody waits for their share, and take turns where somebody does', async () => {
  const { begin, pass, places, begun, waits } = scene();
  await begin('slow', undefined, 150);
  await pass(5 * second);
  expect(places('slow').map((place) => place.goOn())).toEqual(
    Array.from({ length: 150 }, () => null),
  );
  await begin('slow', undefined, 150);
  await pass(2 * second);
  expect(waits('slow').length).toBeGreaterThan(0);
  const before = begun('slow');
  expect(places('slow')[0]?.goOn()).toBeGreaterThanOrEqual(2 * second);
  places('slow')[0]?.end();
  for (const place of places('slow').slice(1, 200)) place.end();
  await begin('slow');
  expect(begun('slow')).toBe(before + 1);
});

test('a destination that hangs for everybody keeps no other one waiting', async () => {
  const { begin, pass, begun, waits } = scene();
  for (let user = 0; user < 2_000; user++) await begin(`user-${user}`, 'https://down.example');
  await begin('healthy', 'https://up.example');
  expect(begun('healthy')).toBe(1);
  for (let round = 0; round < 4; round++) await pass(2 * second);
  expect(waits('user-1999')).toHaveLength(1);
  await begin('healthy', 'https://up.example');
  await begin('user-1', 'https://up.example');
  expect([begun('healthy'), begun('user-1')]).toEqual([2, 2]);
});

test('those who are put off come back at the pace at which they are served, within two seconds and a minute', async () => {
  const { begin, pass, places, waits } = scene();
  await begin('hanging', undefined, 200);
  await pass(2 * second);
  await begin('hanging', undefined, 3_000);
  await pass(2 * second);
  const ms = waits('hanging');
  expect(ms.length).toBeGreaterThan(2_500);
  expect(ms).toEqual(ms.toSorted((a, b) => a - b));
  expect(ms[0]).toBeGreaterThanOrEqual(2 * second);
  expect(ms[0]).toBeLessThanOrEqual(10 * second);
  expect(ms.at(-1)).toBe(48 * second);
  // The destination has healed: whoever comes back begins.
  for (const place of places('hanging')) place.end();
  const before = places('hanging').length;
  await begin('hanging', undefined, 100);
  expect(places('hanging').length).toBe(before + 100);
});

test.each([
  ['forward', 'https://App.example:8443/hook?a=b', 'https://app.example:8443'],
  ['forward', null, ''],
  ['sync', null, 'handler sync'],
])('what a drain by "%s" to %s waits for is "%s"', (handler, destinationUrl, target) => {
  expect(partyOf({ userId: 'user-1', handler, destinationUrl })).toEqual({
    userId: 'user-1',
    target,
  });
});
