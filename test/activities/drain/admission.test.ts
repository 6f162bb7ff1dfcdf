import { setMaxListeners } from 'node:events';
import { setImmediate as soon } from 'node:timers/promises';
import {
  type Admitted,
  type Clock,
  createAdmission,
  type Place,
} from '../../../activities/drain/admission';
import { usualDrainLimits } from '../../../activities/drain/limits';
import { partyOf } from '../../../activities/drain/party';

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
  const leaving = new AbortController();
  setMaxListeners(0, leaving.signal);
  /** Each begins an attempt at once, or several. */
  const attempts = new Map<Place, (() => void)[]>();
  const begin = async (userId: string, target?: string, count = 1, concurrency = 1) => {
    for (let index = 0; index < count; index++) {
      void admission.begin(party(userId, target), leaving.signal).then((admitted) => {
        answers.push({ userId, admitted });
        if (admitted.kind !== 'begun') return;
        const { place } = admitted;
        attempts.set(
          place,
          Array.from({ length: concurrency }, () => place.attempt()),
        );
      });
    }
    await soon();
  };
  /** Its oldest attempt ends, and another one begins if it may. @returns when it comes back if it may not */
  const next = (place: Place) => {
    attempts.get(place)?.shift()?.();
    const comeBackMs = place.goOn();
    if (comeBackMs === null) attempts.get(place)?.push(place.attempt());
    return comeBackMs;
  };
  const of = (userId: string) => answers.filter((one) => one.userId === userId);
  return {
    begin,
    next,
    leave: async () => {
      leaving.abort();
      await soon();
    },
    left: () => answers.filter(({ admitted }) => admitted.kind === 'left').length,
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
  expect(waits('hanging')).toHaveLength(1_650);
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

test('of quick drains of one user two hundred run at once, more wait, and only what is beyond them is put off, for a moment', async () => {
  const { begin, pass, places, begun, waits } = scene();
  await begin('busy', undefined, 350);
  for (let ended = 0; ended < 350;) {
    expect(begun('busy') - ended).toBe(Math.min(200, 350 - ended));
    for (const place of places('busy').slice(ended, Math.min(ended + 100, 350))) {
      place.end();
      ended++;
    }
    await pass(second / 2);
  }
  expect(waits('busy')).toEqual([]);
  await begin('busy', undefined, 350 + 10);
  expect(waits('busy')).toHaveLength(10);
  expect(Math.max(...waits('busy'))).toBeLessThanOrEqual(2 * second);
});

test('two thousand of one user whose every attempt takes just less than what hangs leave places and slots for others', async () => {
  const { begin, pass, next, places, begun, waits } = scene();
  await begin('nearly', undefined, 2_000);
  for (let round = 0; round < 5; round++) {
    await pass(1.9 * second);
    places('nearly').slice(0, 200).forEach(next);
    await begin('healthy', 'https://other.example', 10);
    expect(begun('healthy')).toBe(10 * (round + 1));
    places('healthy')
      .slice(-10)
      .forEach((place) => place.end());
  }
  // Those that wait in the worker hold a slot.
  expect(2_000 - waits('nearly').length).toBe(350);
  expect(waits('nearly').at(-1)).toBeGreaterThan(5 * second);
});

test('who waits leaves when its activity is over, and its place to the next one', async () => {
  const { begin, leave, left, places, begun } = scene();
  await begin('busy', undefined, 210);
  await leave();
  expect(left()).toBe(10);
  await begin('busy');
  expect(left()).toBe(11);
  places('busy')[0]?.end();
  await begin('busy');
  expect(begun('busy')).toBe(201);
});

test('a drain that gets on does not hang, however long it takes', async () => {
  const { begin, pass, next, places, begun, waits } = scene();
  await begin('steady', undefined, 150);
  for (let round = 0; round < 5; round++) {
    await pass(1.5 * second);
    for (const place of places('steady')) expect(next(place)).toBeNull();
  }
  await begin('steady', undefined, 50);
  expect(begun('steady')).toBe(200);
  expect(waits('steady')).toEqual([]);
});

test('of a drain with several attempts in flight the oldest one decides, however quick the others are', async () => {
  const { begin, pass, places, begun, waits } = scene();
  await begin('mixed', undefined, 200, 20);
  for (let round = 0; round < 4; round++) {
    await pass(second / 2);
    for (const place of places('mixed')) {
      place.attempt()();
      expect(place.goOn()).toBeNull();
    }
  }
  // All of them hang: the quick places are free again, and their share of those that hang is nearly full.
  await begin('mixed', undefined, 100);
  expect(begun('mixed')).toBeLessThan(240);
  expect(waits('mixed').length).toBeGreaterThan(60);
});

test('slow drains go on while nobody waits for their share, and take turns where somebody does', async () => {
  const { begin, pass, next, places, begun, waits } = scene();
  await begin('slow', undefined, 150);
  await pass(5 * second);
  expect(places('slow').map(next)).toEqual(Array.from({ length: 150 }, () => null));
  await begin('slow', undefined, 150);
  await pass(2 * second);
  expect(waits('slow').length).toBeGreaterThan(0);
  const before = begun('slow');
  const [first] = places('slow');
  if (first === undefined) throw new Error('none has begun');
  const comeBackMs = next(first);
  expect(comeBackMs).toBeGreaterThanOrEqual(2 * second);
  expect(first.goOn()).toBe(comeBackMs);
  for (const place of places('slow').slice(0, 200)) place.end();
  await begin('slow');
  expect(begun('slow')).toBe(before + 1);
});

test('a drain that hung goes back to the quick ones only where these have room, and others keep theirs', async () => {
  const { begin, pass, next, places, begun } = scene();
  await begin('slow', undefined, 100);
  await pass(2 * second);
  for (let user = 0; user < 100; user++) await begin(`busy-${user}`, `https://${user}.example`, 3);
  expect(places('busy-0').length).toBe(3);
  const answers = places('slow').map(next);
  const turnedAway = answers.filter((comeBackMs) => comeBackMs !== null);
  expect(turnedAway.length).toBeGreaterThan(95);
  expect(places('slow').map((place) => place.goOn())).toEqual(answers);
  await begin('healthy', 'https://other.example');
  places('busy-0')[0]?.end();
  expect(begun('healthy')).toBeLessThanOrEqual(1);
  await pass(1);
  expect(begun('healthy')).toBe(1);
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
  ['sync', null, 'handler:sync'],
])('what a drain by "%s" to %s waits for is "%s"', (handler, destinationUrl, target) => {
  expect(partyOf({ userId: 'user-1', handler, destinationUrl })).toEqual({
    userId: 'user-1',
    target,
  });
});
