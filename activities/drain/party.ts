import type { DrainOwner } from '../../src/db/queries/deliveries/drain-owner';
import { destinationOrigin } from '../../src/deliveries/destination-origin';
import type { PartyKeys } from '../../src/lib/fair-share';

/** Whose drain it is, and what it waits for while it attempts a delivery. */
export interface Party {
  userId: string;
  /** The destination's origin, or the handler. */
  target: string;
}

export function partyOf({ userId, ...target }: DrainOwner): Party {
  return { userId, target: destinationOrigin(target) ?? '' };
}

/** What it is counted for. */
export const keysOf = ({ userId, target }: Party): PartyKeys<'user' | 'target'> => [
  { kind: 'user', key: `user ${userId}` },
  { kind: 'target', key: `target ${target}` },
];
