import { createRoom, isFairShare } from '../../src/lib/fair-share';
import { createSharedPlaces } from '../../src/lib/shared-places';
import { comeBack, type DrainLimits, shares, usualMs } from './limits';
import { keysOf, type Party } from './party';

/** What a drain runs in. */
export interface Place {
  /** An attempt begins. @returns what has to be called when it has ended */
  attempt(): () => void;
  /**
   * Whether the drain may begin another attempt. One that hung makes room for those of its user or target that were put
   * off, and for those that are quick where these have their share; once it has to, it always has to.
   * @returns when it comes back, in milliseconds; null where it may go on
   */
  goOn(): number | null;
  end(): void;
}

export type Admitted =
  | { kind: 'begun'; place: Place }
  | { kind: 'put_off'; comeBackMs: number }
  /** Its signal aborted while it waited. */
  | { kind: 'left' };

export interface Clock {
  /** Milliseconds. */
  now: () => number;
  /** @returns cancels it */
  after: (ms: number, run: () => void) => () => void;
}

const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

type Keys = ReturnType<typeof keysOf>;
export type Admission = ReturnType<typeof createAdmission>;

/**
 * Decides which of a worker's drains may begin, so that what hangs for one user or at one target keeps nobody else
 * waiting. Where their share of those that hang is full a drain is put off until about its turn. Where their share of the
 * quick ones is full it waits here until one of these ends or turns out to hang, so that a burst of which nothing is
 * known yet can't take every place either; where many of theirs wait already it is put off, too.
 *
 * @param random from 0 to 1
 */
export function createAdmission(
  limits: DrainLimits,
  { now, after }: Clock = systemClock,
  random: () => number = Math.random,
) {
  const placesFor = (kind: 'quick' | 'hanging') =>
    createSharedPlaces({
      ...{ size: limits[kind], factors: shares[kind] },
      ...{ comeBack: comeBack[kind], usualMs: usualMs[kind], now, random },
    });
  const quick = placesFor('quick');
  const hanging = placesFor('hanging');
  const waiting = createRoom(limits.quick, shares.waiting);
  const queue = new Set<{ keys: Keys; answer: (admitted: Admitted) => void }>();

  /** Where some hang already, those of which it isn't known yet are counted with them. */
  const fullOfHanging = (keys: Keys) =>
    keys.find(({ kind, key }) => {
      const [hang, more] = [hanging.held(key), quick.held(key) + 1];
      return hang > 0 && !isFairShare(hang + more, hanging.free() - more, shares.hanging[kind]);
    })?.key;

  function decide(keys: Keys): Admitted | { kind: 'wait'; fullKey: string } {
    const hangs = fullOfHanging(keys);
    if (hangs !== undefined) return { kind: 'put_off', comeBackMs: hanging.turn(hangs) };
    const fullKey = quick.fullKey(keys);
    return fullKey === undefined
      ? { kind: 'begun', place: enter(keys) }
      : { kind: 'wait', fullKey };
  }

  function admitWaiting(): void {
    for (const { keys, answer } of queue) {
      const decided = decide(keys);
      if (decided.kind !== 'wait') answer(decided);
    }
  }

  function wait(keys: Keys, signal: AbortSignal): Promise<Admitted> {
    return new Promise((resolve) => {
      const leave = () => one.answer({ kind: 'left' });
      const one = {
        keys,
        answer: (admitted: Admitted) => {
          signal.removeEventListener('abort', leave);
          queue.delete(one);
          waiting.leave(keys);
          resolve(admitted);
        },
      };
      waiting.enter(keys);
      queue.add(one);
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave);
    });
  }

  function enter(keys: Keys): Place {
    let room = quick;
    let since = now();
    let comeBackMs: number | null = null;
    let tooLong = 0;
    const watches = new Set<() => void>();
    quick.enter(keys);

    function move(to: typeof room): void {
      room.leave(keys, now() - since);
      room = to;
      room.enter(keys);
      admitWaiting();
    }

    return {
      attempt() {
        let isTooLong = false;
        const unwatch = after(limits.hangsAfterMs, () => {
          isTooLong = true;
          tooLong++;
          if (room === quick && hanging.free() > 0) move(hanging);
        });
        watches.add(unwatch);
        return () => {
          unwatch();
          if (watches.delete(unwatch) && isTooLong) tooLong--;
        };
      },
      goOn() {
        if (comeBackMs !== null || room === quick) return comeBackMs;
        const wanted = keys.find(({ key }) => hanging.ahead(key) > 0)?.key;
        const full = quick.fullKey(keys);
        if (wanted !== undefined) comeBackMs = hanging.turn(wanted);
        else if (tooLong > 0) return null;
        else if (full !== undefined) comeBackMs = quick.turn(full);
        else {
          move(quick);
          since = now();
        }
        return comeBackMs;
      },
      end() {
        for (const unwatch of watches) unwatch();
        room.leave(keys, now() - since);
        admitWaiting();
      },
    };
  }

  return {
    /** Nothing hangs and there is room for all: a drain can begin without being known. */
    isCalm: () => hanging.isEmpty() && quick.free() > limits.quick / 2,
    /**
     * Waits, if it has to, for as long as the signal lets it. A thousand that wait for one user would take a thousand of
     * Temporal's slots: beyond their share they are put off. Whoever has begun ends its place.
     */
    begin(party: Party, signal: AbortSignal): Promise<Admitted> {
      const keys = keysOf(party);
      const decided = decide(keys);
      if (decided.kind !== 'wait') return Promise.resolve(decided);
      if (waiting.fullKey(keys) === undefined) return wait(keys, signal);
      return Promise.resolve({ kind: 'put_off', comeBackMs: quick.turn(decided.fullKey) });
    },
  };
}
