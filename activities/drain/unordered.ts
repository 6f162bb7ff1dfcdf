import type { Drain } from './handle-delivery';
import { createInFlight, type Ending } from './in-flight';
import { type DrainResult, nextAction, waiting } from './next-action';

/** While some are in flight: how soon another look is taken for what has arrived or has waited long enough. */
const lookEveryMs = 1_000;
/** With thousands that wait one of them is always due soon, and a drain costs history events. */
const shortestWaitMs = 1_000;
/** Higher than any number: no look for what was never tried. */
const beyondAll = Number.MAX_SAFE_INTEGER;

/**
 * As many at once as the integration allows, in no order; one that has to wait holds nobody. Whatever ends it, those
 * in flight are finished first.
 */
export async function drainUnordered(drain: Drain): Promise<DrainResult> {
  const { lease, isOver, yieldFor } = drain;
  const inFlight = createInFlight(drain);
  let fromSequence = 0;
  let waitedFirst = false;
  // When a look from the beginning found none that was never tried: it passes all that wait, and there may be many.
  let nothingNewAt = -Infinity;

  async function loop(): Promise<Ending> {
    for (;;) {
      if (inFlight.ending !== null || isOver(inFlight.started)) return { kind: 'more' };
      const passOver = performance.now() - nothingNewAt < lookEveryMs;
      const from = passOver ? beyondAll : fromSequence;
      const step = await lease.nextUnordered({
        inFlight: inFlight.ids(),
        fromSequence: from,
        waitedFirst,
      });
      const action = nextAction(step);
      if (step === null || action.kind === 'stopped') return { kind: 'stopped' };
      if (action.kind === 'held') return action;
      if (step.handling.order !== 'none') return { kind: 'more' };
      if (action.kind === 'handle') {
        const { delivery } = action;
        const fullForMs = lease.bodies.take(delivery);
        if (fullForMs !== null) {
          if (inFlight.ids().length === 0) return yieldFor(fullForMs);
          await inFlight.someEnd(lookEveryMs);
          continue;
        }
        inFlight.begin(step, delivery);
        if (delivery.waited && !waitedFirst && from === 0) nothingNewAt = performance.now();
        waitedFirst = !delivery.waited;
        if (!delivery.waited) fromSequence = delivery.sequence;
        // Only now, so that the next look is a fresh one.
        await inFlight.roomFor(step.handling.concurrency);
      } else if (from > 0 && !(passOver && inFlight.ids().length > 0)) {
        // Once more from the beginning: a number may be committed after higher ones.
        fromSequence = 0;
        nothingNewAt = -Infinity;
      } else if (inFlight.ids().length > 0) {
        if (from === 0) nothingNewAt = performance.now();
        await inFlight.someEnd(lookEveryMs);
      } else if (action.kind === 'empty') {
        return action;
      } else {
        return { ...waiting(Math.max(action.waitMs, shortestWaitMs)), open: true };
      }
    }
  }

  const result = await loop().catch((error: unknown) => {
    inFlight.fail(error);
    return { kind: 'more' } as const;
  });
  await inFlight.allEnd();
  const ending = inFlight.ending ?? result;
  const { kind } = ending;
  return kind === 'more' || kind === 'stopped' ? { kind, ended: inFlight.ended } : ending;
}
