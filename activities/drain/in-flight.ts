import type { DrainStep, PendingDelivery } from '../../src/db/queries/deliveries/lease';
import { messageOf } from '../../src/lib/errors';
import { waitAtMost } from '../../src/lib/timing';
import type { Drain, DrainStepResult } from './handle-delivery';
import { type DrainResult, waiting } from './next-action';

/** Why a drain ends; how many it has ended is counted once all have. */
export type Ending =
  Exclude<DrainResult, { ended: number }> | { kind: 'more' } | { kind: 'stopped' };

/** The deliveries that are being handled at once, and what the others learn from how they end. */
export function createInFlight({ handle, lease, place, yieldFor }: Drain) {
  const running = new Map<string, Promise<void>>();
  let failure: Error | null = null;
  const inFlight = {
    started: 0,
    ended: 0,
    /** Why no other one may be started. */
    ending: null as Ending | null,
    ids: () => [...running.keys()],
    begin(step: DrainStep, delivery: PendingDelivery): void {
      inFlight.started++;
      const attemptEnds = place.attempt();
      const done = handle(step, delivery)
        .finally(attemptEnds)
        .then((result) => {
          if (result.kind === 'marked') inFlight.ended++;
          inFlight.ending ??= endingAfter(result);
          if (inFlight.ending !== null) return;
          const comeBackMs = place.goOn();
          if (comeBackMs !== null) inFlight.ending = yieldFor(comeBackMs);
        })
        .catch(inFlight.fail)
        .finally(() => {
          lease.bodies.letGo(delivery);
          running.delete(delivery.id);
        });
      running.set(delivery.id, done);
    },
    fail: (error: unknown): void => {
      failure ??= error instanceof Error ? error : new Error(messageOf(error));
      inFlight.ending ??= { kind: 'more' };
    },
    someEnd: (withinMs: number) => waitAtMost(Promise.race(running.values()), withinMs),
    async roomFor(concurrency: number): Promise<void> {
      while (running.size >= concurrency && inFlight.ending === null) {
        await Promise.race(running.values());
      }
    },
    /** @throws what an attempt or its mark failed with, which only a fault of the database does */
    async allEnd(): Promise<void> {
      await Promise.all(running.values());
      if (failure !== null) throw failure;
    },
  };
  return inFlight;
}

/** What concerns the others too: a token that none of them would get, a lease that is lost. */
function endingAfter(result: DrainStepResult): Ending | null {
  if (result.kind !== 'marked') {
    const dead = result.kind === 'stop' && result.why === 'credential_dead';
    return { kind: dead ? 'stopped' : 'more' };
  }
  return result.waitsForToken && result.waitMs !== null ? waiting(result.waitMs) : null;
}
