import type { DrainStep, PendingDelivery } from '../../src/db/queries/deliveries/drain-step';
import { messageOf } from '../../src/lib/errors';
import type { Drain } from './ordered';
import { type DrainResult, waiting } from './next-action';
import type { Handled } from './handle-delivery';

/** Why a drain ends; how many it has ended is counted once all have. */
export type Ending =
  Exclude<DrainResult, { ended: number }> | { kind: 'more' } | { kind: 'stopped' };

/** The deliveries that are being handled at once, and what the others learn from how they end. */
export function createHand(handle: Drain['handle']) {
  const inHand = new Map<string, Promise<void>>();
  let failure: Error | null = null;
  const hand = {
    started: 0,
    ended: 0,
    /** Why no other one may be started. */
    ending: null as Ending | null,
    ids: () => [...inHand.keys()],
    begin(step: DrainStep, delivery: PendingDelivery): void {
      hand.started++;
      const done = handle(step, delivery)
        .then((handled) => {
          if (handled.kind === 'marked') hand.ended++;
          hand.ending ??= endedBy(handled);
        })
        .catch(hand.fail)
        .finally(() => inHand.delete(delivery.id));
      inHand.set(delivery.id, done);
    },
    fail: (error: unknown): void => {
      failure ??= error instanceof Error ? error : new Error(messageOf(error));
      hand.ending ??= { kind: 'more' };
    },
    async someEnd(withinMs?: number): Promise<void> {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        if (withinMs !== undefined) timer = setTimeout(resolve, withinMs);
      });
      await Promise.race([...inHand.values(), late]);
      clearTimeout(timer);
    },
    async roomFor(concurrency: number): Promise<void> {
      while (inHand.size >= concurrency && hand.ending === null) await hand.someEnd();
    },
    /** @throws what an attempt or its mark failed with, which only a fault of the database does */
    async allEnd(): Promise<void> {
      await Promise.all(inHand.values());
      if (failure !== null) throw failure;
    },
  };
  return hand;
}

/** What concerns the others too: a token that none of them would get, a lease that is lost. */
function endedBy(handled: Handled): Ending | null {
  if (handled.kind !== 'marked') {
    const dead = handled.kind === 'stop' && handled.why === 'credential_dead';
    return { kind: dead ? 'stopped' : 'more' };
  }
  return handled.waitsForToken && handled.waitMs !== null ? waiting(handled.waitMs) : null;
}
