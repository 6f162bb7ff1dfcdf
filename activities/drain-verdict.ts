import type { DrainStep, PendingDelivery } from '../src/db/queries/next-delivery';

/** Why a drain ended. `retryAt` is RFC 3339. */
export type DrainResult =
  | { kind: 'empty' }
  /** There may be more; this drain has had its share. */
  | { kind: 'more' }
  /** The oldest delivery waits, and everything behind it. */
  | { kind: 'wait'; retryAt: string }
  | { kind: 'held' }
  /** Not ENABLED, a dead credential, or gone: the rows have to be looked at. */
  | { kind: 'stopped' };

export type DrainVerdict = DrainResult | { kind: 'handle'; delivery: PendingDelivery };

/** Whether the oldest delivery may be handled in this moment. */
export function drainVerdict(step: DrainStep | null): DrainVerdict {
  if (step === null || step.status !== 'ENABLED') return { kind: 'stopped' };
  if (step.held) return { kind: 'held' };
  if (step.credentials.some(({ state }) => state === 'dead' || state === 'missing')) {
    return { kind: 'stopped' };
  }
  const { delivery } = step;
  if (delivery === null) return { kind: 'empty' };
  return delivery.due || delivery.nextAttemptAt === null
    ? { kind: 'handle', delivery }
    : { kind: 'wait', retryAt: delivery.nextAttemptAt.toISOString() };
}
