import { type ComeBackTimes, comeBackTimes } from '../../src/lib/come-back';
import { createRoom, keysOf, type Party } from './room';

/** How many drains a worker runs at once. */
export interface DrainLimits {
  /** Those that get on with their deliveries. */
  quick: number;
  /** Those that hang. */
  hanging: number;
  /** A drain hangs when none of its attempts has ended for so long. */
  hangsAfterMs: number;
}

/**
 * A user who is alone has 200 of the quick ones, and 234 of those that hang. A drain that waits for an answer
 * costs its delivery's body and a few timers: measured, 250 of them with bodies of 1 KB take 10 MB and 4 % of one core.
 */
export const usualDrainLimits: DrainLimits = { quick: 300, hanging: 700, hangsAfterMs: 2_000 };

/** Temporal's: as many again for those that wait for a place. */
export const slotsFor = ({ quick, hanging }: DrainLimits): number => 2 * quick + hanging;

/**
 * What one user, or one target, may hold, as a multiple of what is free: whoever is alone has most of it, the more share
 * it the smaller each one's part is, and some is always left for the next who comes. (Choudhury and Hahne, Dynamic queue
 * length thresholds for shared-memory packet switches, 1998.) What hangs for a few users must leave room for others
 * who send to the same server.
 */
const shares = { quick: { user: 2, target: 4 }, hanging: { user: 1 / 2, target: 4 } };

const comeBack = { shortestMs: 2_000, longestMs: 48_000, spread: [0.75, 1.25] } as const;
/** How long one hangs, until it is known: the time limit of a forward. */
const usualHangMs = 10_000;

/** What a drain runs in. */
export interface Place {
  /**
   * An attempt has ended. Where the drain hung, and others of its user or target were put off, it makes room for them.
   * @returns when it comes back then, in milliseconds; null where it may go on
   */
  goOn(): number | null;
  end(): void;
}

export type Admitted = { kind: 'begun'; place: Place } | { kind: 'put_off'; comeBackMs: number };

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

export type Admission = ReturnType<typeof createAdmission>;

/**
 * Decides which of a worker's drains may begin, so that what hangs for one user or at one target keeps nobody else
 * waiting. Where their share of those that hang is full a drain is put off until about its turn. Where their share of the
 * quick ones is full it waits here until one of these ends or turns out to hang, so that a burst of which nothing is
 * known yet can't take every place either.
 *
 * @param random from 0 to 1
 */
export function createAdmission(
  limits: DrainLimits,
  { now, after }: Clock = systemClock,
  random: () => number = Math.random,
) {
  const quick = createRoom(limits.quick);
  const hanging = createRoom(limits.hanging);
  const queue = new Set<{ party: Party; answer: (admitted: Admitted) => void }>();
  /** By the keys whose share of those that hang is full, or was a moment ago. */
  const putOff = new Map<string, { turns: ComeBackTimes; lastMs: number }>();

  function comeBackMs(key: string): number {
    let known = putOff.get(key);
    if (known === undefined) {
      known = { turns: comeBackTimes(comeBack, random, now), lastMs: usualHangMs };
      putOff.set(key, known);
    }
    return Math.ceil(known.turns.next(Math.max(1, hanging.held(key)), known.lastMs));
  }

  /** Which of the party's shares others wait for. */
  const wantedKey = (party: Party) =>
    keysOf(party).find(({ key }) => (putOff.get(key)?.turns.ahead() ?? 0) > 0)?.key;

  function leaveHanging(party: Party, hungMs: number): void {
    hanging.leave(party);
    for (const { key } of keysOf(party)) {
      const known = putOff.get(key);
      if (known !== undefined) known.lastMs = hungMs;
      if (hanging.held(key) === 0) putOff.delete(key);
    }
    if (hanging.isEmpty()) putOff.clear();
  }

  /** Where some hang already, those of which it isn't known yet are counted with them. */
  const fullKey = (party: Party) =>
    keysOf(party).find(({ kind, key }) => {
      const [hang, may] = [hanging.held(key), quick.held(key)];
      return hang > 0 && hang + may >= shares.hanging[kind] * (hanging.free() - may);
    })?.key;

  const hasToWait = (party: Party) =>
    keysOf(party).some(({ kind, key }) => quick.held(key) >= shares.quick[kind] * quick.free());

  /** @returns undefined where it has to wait */
  function decide(party: Party): Admitted | undefined {
    const key = fullKey(party);
    if (key !== undefined) return { kind: 'put_off', comeBackMs: comeBackMs(key) };
    return hasToWait(party) ? undefined : { kind: 'begun', place: enter(party) };
  }

  function admitWaiting(): void {
    for (const one of queue) {
      const admitted = decide(one.party);
      if (admitted === undefined) continue;
      queue.delete(one);
      one.answer(admitted);
    }
  }

  function enter(party: Party): Place {
    let hangs = false;
    let since = now();
    const watch = () =>
      after(limits.hangsAfterMs, () => {
        hangs = true;
        quick.leave(party);
        hanging.enter(party);
        admitWaiting();
      });
    let unwatch = watch();
    quick.enter(party);

    function leave(): void {
      unwatch();
      if (hangs) leaveHanging(party, now() - since);
      else quick.leave(party);
    }
    return {
      goOn() {
        const key = hangs ? wantedKey(party) : undefined;
        if (key !== undefined) return comeBackMs(key);
        leave();
        quick.enter(party);
        hangs = false;
        since = now();
        unwatch = watch();
        return null;
      },
      end() {
        leave();
        admitWaiting();
      },
    };
  }

  return {
    /** Nothing hangs and there is room for all: a drain can begin without being known. */
    isCalm: () => hanging.isEmpty() && quick.free() > limits.quick / 2,
    /** Waits, if it has to. Whoever has begun ends its place. */
    begin: (party: Party): Promise<Admitted> =>
      new Promise((answer) => {
        const admitted = decide(party);
        if (admitted === undefined) queue.add({ party, answer });
        else answer(admitted);
      }),
  };
}
