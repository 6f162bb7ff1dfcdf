import type { DrainStep, PendingDelivery } from '../../src/db/queries/deliveries/lease';
import { createRoom } from '../../src/lib/fair-share';
import { createSharedPlaces } from '../../src/lib/shared-places';
import { type BodyLimits, comeBack, shares, usualMs } from './limits';
import { keysOf, type Party } from './party';

/** What the deliveries of one drain take. */
export interface DrainBodies {
  /**
   * A look at the inbox, which may bring a body along. Its delivery has room until it is let go.
   * @param ask is given how large a body and its headers may be
   */
  look(ask: (alongBytes: number) => Promise<DrainStep | null>): Promise<DrainStep | null>;
  /**
   * Makes room for a delivery whose body has not come along.
   * @returns when its drain comes back, in milliseconds; null where there is room
   */
  take(delivery: PendingDelivery): number | null;
  letGo(delivery: PendingDelivery): void;
  end(): void;
}

export type BodyRoom = ReturnType<typeof createBodyRoom>;

/** Their headers count, too. */
const bytesOf = ({ bodyBytes, headers }: PendingDelivery) => bodyBytes + headers.length;

/**
 * Bounds what the bodies of a worker's deliveries in flight take, so that one user's large ones that hang neither take all
 * of its memory nor keep anybody else's waiting. Each drain has `alongBytes` of its own, so that small deliveries never
 * wait; what is beyond it comes out of `totalBytes`, of which a user or a target has a share.
 * A body that is larger than that share is let in beside it, one at a time.
 *
 * In all: `totalBytes`, `alongBytes` for each drain, and one such body. By the usual limits: 256 MiB, 1,000 * 64 KiB, and one
 * body above 85 MiB; and for a moment what reading takes beside them, measured 35 MB with 30 connections that all read.
 *
 * @param random from 0 to 1
 */
export function createBodyRoom(
  { totalBytes, alongBytes }: BodyLimits,
  now: () => number = () => performance.now(),
  random: () => number = Math.random,
) {
  const shared = createSharedPlaces({
    ...{ size: totalBytes, factors: shares.bodies },
    ...{ comeBack: comeBack.bodies, usualMs: usualMs.bodies, now, random },
  });
  const empty = createRoom(totalBytes, shares.bodies);
  let isOneBeside = false;
  const sharedOf = (own: number) => Math.max(0, own - alongBytes);

  function of(party: Party): DrainBodies {
    const keys = keysOf(party);
    const held = new Map<string, { bytes: number; isBeside: boolean; since: number }>();
    let own = 0;

    function add(bytes: number, tookMs: number | null = null): void {
      const more = sharedOf(own + bytes) - sharedOf(own);
      if (more > 0) shared.enter(keys, more);
      else if (more < 0) shared.leave(keys, tookMs, -more);
      own += bytes;
    }

    function fullKeyWith(bytes: number): string | undefined {
      const more = sharedOf(own + bytes) - sharedOf(own);
      return more === 0 ? undefined : shared.fullKey(keys, more);
    }

    function letGo(id: string): void {
      const one = held.get(id);
      if (one === undefined) return;
      held.delete(id);
      if (one.isBeside) isOneBeside = false;
      else add(-one.bytes, now() - one.since);
    }

    return {
      async look(ask) {
        const isFull = fullKeyWith(alongBytes) !== undefined;
        const along = isFull ? Math.max(0, alongBytes - own) : alongBytes;
        add(along);
        let came = 0;
        try {
          const step = await ask(along);
          const delivery = step?.delivery ?? null;
          if (delivery !== null && delivery.body !== null) {
            letGo(delivery.id);
            came = bytesOf(delivery);
            held.set(delivery.id, { bytes: came, isBeside: false, since: now() });
          }
          return step;
        } finally {
          add(came - along);
        }
      },
      take(delivery) {
        const { id } = delivery;
        if (held.has(id)) return null;
        const bytes = bytesOf(delivery);
        const tooLargeFor = empty.fullKey(keys, sharedOf(bytes));
        const isBeside = tooLargeFor !== undefined;
        if (isBeside) {
          if (isOneBeside) return shared.turn(tooLargeFor, bytes);
          isOneBeside = true;
        } else {
          const fullKey = fullKeyWith(bytes);
          if (fullKey !== undefined) return shared.turn(fullKey, bytes);
          add(bytes);
        }
        held.set(id, { bytes, isBeside, since: now() });
        return null;
      },
      letGo: ({ id }) => letGo(id),
      end() {
        for (const id of held.keys()) letGo(id);
      },
    };
  }

  return { of };
}
