import { Context } from '@temporalio/activity';
import type { DeliverDeps } from './deps';
import { type Drain, drainInOrder } from './ordered';
import { holdLease } from './lease';
import { type DrainResult, waiting } from './next-action';
import { drainWithoutOrder } from './unordered';
import { createHandleDelivery } from './handle-delivery';
import { heartbeating } from '../heartbeat';

export type { DrainResult };

/** A drain's share: then it ends, so that no slot is held for long and histories stay short. */
const shareMs = 30_000;
const shareDeliveries = 500;

/**
 * Handles an integration's deliveries as long as the rows allow it, in their order or, where it needs none, several
 * at once. It never sleeps: where all that is left has to wait it says how long, and the actor waits by timer.
 */
export function createDrainInbox(deps: DeliverDeps) {
  return async function drainInbox(input: { integrationId: string }): Promise<DrainResult> {
    const { integrationId } = input;
    const held = await holdLease(deps.pool, integrationId);
    if (held.kind === 'busy') return waiting(held.waitMs);
    if (held.kind === 'gone') return { kind: 'stopped', ended: 0 };
    const { lease } = held;
    const startedAt = performance.now();
    const { cancellationSignal } = Context.current();
    const drain: Drain = {
      lease,
      handle: createHandleDelivery(deps, integrationId, lease),
      isOver: (started) =>
        started >= shareDeliveries ||
        performance.now() - startedAt >= shareMs ||
        [deps.stopping, cancellationSignal, lease.hold].some(({ aborted }) => aborted),
    };
    try {
      return await heartbeating(() => run(drain));
    } finally {
      await lease.release();
    }
  };
}

/** The first look is the strict one: it knows how the integration wants it. */
async function run(drain: Drain): Promise<DrainResult> {
  return (await drainInOrder(drain)) ?? drainWithoutOrder(drain);
}
