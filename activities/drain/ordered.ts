import type { DrainStep } from '../../src/db/queries/deliveries/drain-step';
import type { DrainLease } from './lease';
import { type DrainResult, drainVerdict, waiting } from './next-action';
import type { createHandleDelivery } from './handle-delivery';

export interface Drain {
  lease: DrainLease;
  handle: ReturnType<typeof createHandleDelivery>;
  /** Whether this drain has had its share, after so many deliveries, or has to end. */
  isOver: (started: number) => boolean;
}

/**
 * The oldest first, one at a time; one that has to wait holds those behind it.
 * @returns null where the integration needs no order
 */
export async function drainInOrder({ lease, handle, isOver }: Drain): Promise<DrainResult | null> {
  let ended = 0;
  let known: DrainStep | null | undefined;
  for (; ; ended++) {
    const over = isOver(ended);
    // What is known by now says more than that this drain is over: a hold, for one.
    if (over && known === undefined) return { kind: 'more', ended };
    const step = known === undefined ? await lease.next() : known;
    if (step?.handling.order === 'none') return null;
    const verdict = drainVerdict(step);
    if (step === null || verdict.kind === 'stopped') return { kind: 'stopped', ended };
    if (verdict.kind === 'wait') return waiting(verdict.waitMs);
    if (verdict.kind !== 'handle') return verdict;
    if (over) return { kind: 'more', ended };
    const handled = await handle(step, verdict.delivery, { andNext: !isOver(ended + 1) });
    if (handled.kind === 'stop' && handled.why === 'credential_dead') {
      return { kind: 'stopped', ended };
    }
    if (handled.kind !== 'marked') return { kind: 'more', ended };
    if (handled.waitMs !== null) return waiting(handled.waitMs);
    known = handled.next;
  }
}
