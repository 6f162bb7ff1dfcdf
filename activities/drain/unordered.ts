import { createHand, type Ending } from './in-flight';
import type { Drain } from './ordered';
import { type DrainResult, drainVerdict, waiting } from './next-action';

/** While some are in hand: how soon another look is taken for what has arrived or has waited long enough. */
const lookEveryMs = 1_000;
/** With thousands that wait one of them is always due soon, and a drain costs history events. */
const shortestWaitMs = 1_000;
/** Higher than any number: no look for what was never tried. */
const beyondAll = Number.MAX_SAFE_INTEGER;

/**
 * As many at once as the integration allows, in no order; one that has to wait holds nobody. Whatever ends it, those
 * in hand are finished first.
 */
export async function drainWithoutOrder(drain: Drain): Promise<DrainResult> {
  const { lease, isOver } = drain;
  const hand = createHand(drain.handle);
  let fromSequence = 0;
  let waitedFirst = false;
  // When a look from the beginning found none that was never tried: it passes all that wait, and there may be many.
  let nothingNewAt = -Infinity;

  async function loop(): Promise<Ending> {
    for (;;) {
      if (hand.ending !== null || isOver(hand.started)) return { kind: 'more' };
      const passOver = performance.now() - nothingNewAt < lookEveryMs;
      const from = passOver ? beyondAll : fromSequence;
      const step = await lease.nextOfAny({ inHand: hand.ids(), fromSequence: from, waitedFirst });
      const verdict = drainVerdict(step);
      if (step === null || verdict.kind === 'stopped') return { kind: 'stopped' };
      if (verdict.kind === 'held') return verdict;
      if (step.handling.order !== 'none') return { kind: 'more' };
      if (verdict.kind === 'handle') {
        const { delivery } = verdict;
        hand.begin(step, delivery);
        if (delivery.waited && !waitedFirst && from === 0) nothingNewAt = performance.now();
        waitedFirst = !delivery.waited;
        if (!delivery.waited) fromSequence = delivery.sequence;
        // Only now, so that the next look is a fresh one.
        await hand.roomFor(step.handling.concurrency);
      } else if (from > 0 && !(passOver && hand.ids().length > 0)) {
        // Once more from the beginning: a number may be committed after higher ones.
        fromSequence = 0;
        nothingNewAt = -Infinity;
      } else if (hand.ids().length > 0) {
        if (from === 0) nothingNewAt = performance.now();
        await hand.someEnd(lookEveryMs);
      } else if (verdict.kind === 'empty') {
        return verdict;
      } else {
        return { ...waiting(Math.max(verdict.waitMs, shortestWaitMs)), open: true };
      }
    }
  }

  const result = await loop().catch((error: unknown) => {
    hand.fail(error);
    return { kind: 'more' } as const;
  });
  await hand.allEnd();
  const ending = hand.ending ?? result;
  const { kind } = ending;
  return kind === 'more' || kind === 'stopped' ? { kind, ended: hand.ended } : ending;
}
