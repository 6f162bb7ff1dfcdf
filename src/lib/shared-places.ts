import { type ComeBackLimits, type ComeBackTimes, comeBackTimes } from './come-back';
import { createRoom, type PartyKeys } from './fair-share';

export interface SharedPlacesOptions<Kind extends string> {
  size: number;
  /** What a key may hold, as a multiple of what it leaves free. */
  factors: Record<Kind, number>;
  comeBack: ComeBackLimits;
  /** How long a place is held, as long as none was left. */
  usualMs: number;
  /** Milliseconds. */
  now: () => number;
  /** From 0 to 1. */
  random: () => number;
}

/**
 * Places, or bytes, that no key of a party takes all of. Whoever is turned away comes back about when it is their turn, by how long
 * those of the same key hold theirs.
 */
export function createSharedPlaces<Kind extends string>(options: SharedPlacesOptions<Kind>) {
  const { size, factors, comeBack, usualMs, now, random } = options;
  const room = createRoom(size, factors);
  const served = new Map<string, { turns: ComeBackTimes; lastMs: number }>();

  function servedBy(key: string) {
    const known = served.get(key);
    if (known !== undefined) return known;
    const made = { turns: comeBackTimes(comeBack, random, now), lastMs: usualMs };
    served.set(key, made);
    return made;
  }

  return {
    held: room.held,
    free: room.free,
    isEmpty: () => room.free() === size,
    fullKey: room.fullKey,
    enter: room.enter,
    /** @param tookMs how long it held the place; null where that says nothing about others */
    leave(keys: PartyKeys<Kind>, tookMs: number | null, amount = 1): void {
      room.leave(keys, amount);
      if (tookMs === null) return;
      for (const { key } of keys) {
        if (room.held(key) === 0) served.delete(key);
        else servedBy(key).lastMs = tookMs;
      }
      if (room.free() === size) served.clear();
    },
    /** Books a turn for whom the key's share is full. @returns in how many milliseconds it is */
    turn(key: string, amount = 1): number {
      const { turns, lastMs } = servedBy(key);
      return Math.ceil(turns.next(Math.max(1, room.held(key) / amount), lastMs));
    },
    /** How many of the key's have still to come back. */
    ahead: (key: string): number => served.get(key)?.turns.ahead() ?? 0,
  };
}
