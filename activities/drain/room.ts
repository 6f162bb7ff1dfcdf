import type { DrainOwner } from '../../src/db/queries/deliveries/drain-owner';
import { createTally } from '../../src/lib/fair-share';

/** Whose drain it is, and what it waits for while it attempts a delivery. */
export interface Party {
  userId: string;
  /** The destination's origin, or the handler. */
  target: string;
}

export function partyOf({ userId, handler, destinationUrl }: DrainOwner): Party {
  if (handler !== 'forward') return { userId, target: `handler ${handler}` };
  const isAddress = destinationUrl !== null && URL.canParse(destinationUrl);
  return { userId, target: isAddress ? new URL(destinationUrl).origin : '' };
}

/** Places, counted for each user and each target. */
export function createRoom(size: number) {
  let taken = 0;
  const places = createTally();
  function count(party: Party, by: 1 | -1): void {
    taken += by;
    for (const { key } of keysOf(party)) places.add(key, by);
  }
  return {
    held: (key: string) => places.of(key),
    free: () => size - taken,
    isEmpty: () => taken === 0,
    enter: (party: Party) => count(party, 1),
    leave: (party: Party) => count(party, -1),
  };
}

export const keysOf = ({ userId, target }: Party) =>
  [
    { kind: 'user', key: `user ${userId}` },
    { kind: 'target', key: `target ${target}` },
  ] as const;
