import { Context } from '@temporalio/activity';
import { markDelivery } from '../src/db/queries/mark-delivery';
import type { DrainStep } from '../src/db/queries/next-delivery';
import { createAttemptDelivery } from './attempt-delivery';
import { attemptEffect, type AttemptEffect, type MarkEffect } from './attempt-effect';
import type { DeliverDeps } from './drain-deps';
import { type DrainLease, holdLease } from './drain-lease';
import { type DrainResult, drainVerdict } from './drain-verdict';
import { heartbeating } from './heartbeating';

export type { DrainResult };

/** What the delivery has to outlive: the version that an attempt ended with, or the one it began with. */
function versionWaitedFor({ credentials }: DrainStep, { waitsFor }: MarkEffect) {
  const credential = credentials.find(({ name }) => name === waitsFor?.credential);
  if (credential === undefined) return null;
  return { id: credential.id, version: waitsFor?.version ?? credential.version };
}

/** A drain's share: then it ends, so that no slot is held for long and histories stay short. */
const shareMs = 30_000;
const shareDeliveries = 500;

/**
 * Handles an integration's deliveries, the oldest first, one at a time, as long as the rows allow it. It never
 * sleeps: where the oldest has to wait it says until when, and the actor waits by timer.
 */
export function createDrainInbox(deps: DeliverDeps) {
  return async function drainInbox(input: { integrationId: string }): Promise<DrainResult> {
    const { integrationId } = input;
    const held = await holdLease(deps.pool, integrationId);
    if (held.kind === 'busy') return { kind: 'wait', retryAt: held.until.toISOString() };
    if (held.kind === 'gone') return { kind: 'stopped' };
    try {
      return await heartbeating(() => drain(integrationId, held.lease));
    } finally {
      await held.lease.release();
    }
  };

  async function drain(integrationId: string, lease: DrainLease): Promise<DrainResult> {
    const attemptDelivery = createAttemptDelivery(deps);
    const startedAt = performance.now();
    for (let handled = 0; handled < shareDeliveries; handled++) {
      const share = performance.now() - startedAt < shareMs;
      if (!share || deps.stopping.aborted || Context.current().cancellationSignal.aborted) break;
      const step = await lease.next();
      if (step === null) deps.log.info({ integrationId }, 'a drain ended: its lease is over');
      const verdict = drainVerdict(step);
      if (step === null || verdict.kind !== 'handle') return verdict as DrainResult;
      const { delivery } = verdict;
      const attemptedAt = performance.now();
      const result = await attemptDelivery({ integrationId, step, delivery, lease });
      const durationMs = Math.round(performance.now() - attemptedAt);
      const number = delivery.attempts + 1;
      const effect = attemptEffect(
        result,
        number - delivery.attemptsBefore,
        Date.now(),
        Math.random,
      );
      const line = { integrationId, deliveryId: delivery.id, attempt: number, durationMs };
      report({ ...line, outcome: result.kind }, effect);
      if (effect.kind === 'stop')
        return effect.why === 'aborted' ? { kind: 'more' } : { kind: 'stopped' };
      const marked = await markDelivery(deps.pool, {
        ...{ deliveryId: delivery.id, integrationId, leaseNumber: lease.number },
        ...{ number, durationMs },
        ...effect,
        waitsFor: versionWaitedFor(step, effect),
      });
      if (marked === null) {
        deps.log.warn(
          line,
          'a drain was overtaken: what it did after its lease ended is not marked',
        );
        return { kind: 'more' };
      }
      if (effect.state === 'pending' && marked.nextAttemptAt !== null) {
        return { kind: 'wait', retryAt: marked.nextAttemptAt.toISOString() };
      }
    }
    return { kind: 'more' };
  }

  function report(line: object, effect: AttemptEffect): void {
    if (effect.kind === 'stop') deps.log.info(line, 'a drain stopped before a delivery');
    else if (effect.state === 'handled') deps.log.debug(line, 'a delivery was handled');
    else if (effect.state === 'failed')
      deps.log.warn({ ...line, error: effect.error }, 'a delivery was set aside');
    else deps.log.info({ ...line, error: effect.error }, 'a delivery is tried again later');
  }
}
