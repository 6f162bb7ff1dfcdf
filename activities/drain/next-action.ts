import type { DrainStep, PendingDelivery } from '../../src/db/queries/deliveries/lease';
import type { DrainCount, FailingDestination } from '../../workflows/contract/status';
import { isUsable } from '../../workflows/rules';

/** Why a drain ended. */
export type DrainResult =
  | { kind: 'empty' }
  /** There may be more. `ended`: how many it has marked, or put off; 0 is no progress. */
  | { kind: 'more'; ended: number }
  | {
      kind: 'wait';
      /** RFC 3339, for people: the clock here and the actor's may differ. */
      retryAt: string;
      inMs: number;
      /** Only what was tried waits: whatever arrives meanwhile may be handled. */
      open: boolean;
    }
  | { kind: 'held' }
  /** Not ENABLED, a dead credential, or gone: the rows have to be looked at. */
  | { kind: 'stopped'; ended: number };

/** What an actor is told beside that. */
export type DrainAnswer = DrainResult & {
  /** Null where the destination fails no longer; absent where that is not known, or it never did. */
  failing?: FailingDestination | null;
  /** Absent where it never began, and from an older worker. */
  count?: DrainCount;
};

/** What a drain does now. */
export type NextAction =
  | { kind: 'handle'; delivery: PendingDelivery }
  | { kind: 'wait'; waitMs: number }
  | { kind: 'empty' }
  | { kind: 'held' }
  | { kind: 'stopped' };

/** Whether a delivery may be handled in this moment. */
export function nextAction(step: DrainStep | null): NextAction {
  if (step === null || step.status !== 'ENABLED') return { kind: 'stopped' };
  if (step.held) return { kind: 'held' };
  if (!step.credentials.every(({ state }) => isUsable(state))) {
    return { kind: 'stopped' };
  }
  const { delivery, waitMs } = step;
  if (delivery !== null) return { kind: 'handle', delivery };
  return waitMs === null ? { kind: 'empty' } : { kind: 'wait', waitMs };
}

/** A drain's answer that something waits. */
export function waiting(waitMs: number): DrainResult & { kind: 'wait' } {
  const inMs = Math.max(0, Math.ceil(waitMs));
  return { kind: 'wait', retryAt: new Date(Date.now() + inMs).toISOString(), inMs, open: false };
}
