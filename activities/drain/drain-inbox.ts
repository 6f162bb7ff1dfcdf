import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { DrainStep } from '../../src/db/queries/deliveries/lease';
import type { DrainDeps } from './deps';
import { createHandleDelivery, type Drain } from './handle-delivery';
import { acquireLease } from './lease';
import { type DrainResult, nextAction, waiting } from './next-action';
import { drainUnordered } from './unordered';

/** Then a drain ends, so that no slot is held for long and histories stay short. */
const maxDurationMs = 30_000;
const maxDeliveries = 500;

/**
 * Handles an integration's deliveries as long as the rows allow it, in their order or, where it needs none, several
 * at once. It never sleeps: where all that is left has to wait it says how long, and the actor waits by timer.
 */
export function createDrainInbox(deps: DrainDeps) {
  return async function drainInbox(input: { integrationId: string }): Promise<DrainResult> {
    const { integrationId } = input;
    const acquired = await acquireLease(deps.pool, integrationId);
    if (acquired.kind === 'busy') return waiting(acquired.waitMs);
    if (acquired.kind === 'gone') return { kind: 'stopped', ended: 0 };
    const { lease, party } = acquired;
    const put: { offMs: number | null } = { offMs: null };
    const putOff = (comeBackMs: number) => {
      put.offMs = comeBackMs;
      return waiting(comeBackMs);
    };
    const startedAt = performance.now();
    const { cancellationSignal } = Context.current();
    const drain = {
      lease,
      putOff,
      handle: createHandleDelivery(deps, integrationId, lease),
      isOver: (started: number) =>
        started >= maxDeliveries ||
        performance.now() - startedAt >= maxDurationMs ||
        [deps.stopping, cancellationSignal, lease.hold].some(({ aborted }) => aborted),
    };
    async function admitted(): Promise<DrainResult> {
      const turn = await deps.admission.begin(party);
      if (turn.kind === 'put_off') return putOff(turn.comeBackMs);
      try {
        return await drainBy({ ...drain, place: turn.place });
      } finally {
        turn.place.end();
      }
    }
    const result = await admitted().finally(() => lease.release(put.offMs));
    if (put.offMs !== null) throw cameTooEarly(put.offMs);
    return result;
  };
}

/**
 * Temporal runs it again after that time without asking its actor: thousands that are put off cost a worker no workflow
 * tasks, and no webhook makes one of them start earlier.
 */
const cameTooEarly = (comeBackMs: number) =>
  ApplicationFailure.create({
    message: 'Other drains of the same user or destination hang: this one waits for its turn',
    nextRetryDelay: comeBackMs,
    category: ApplicationFailureCategory.BENIGN,
  });

/** The first look, which is the one in order, tells whether the integration needs an order. */
async function drainBy(drain: Drain): Promise<DrainResult> {
  if (drain.isOver(0)) return { kind: 'more', ended: 0 };
  const first = await drain.lease.nextOrdered();
  return first?.handling.order === 'none' ? drainUnordered(drain) : drainOrdered(drain, first);
}

/** The oldest first, one at a time; one that has to wait holds those behind it. */
async function drainOrdered(
  { lease, place, handle, isOver, putOff }: Drain,
  first: DrainStep | null,
): Promise<DrainResult> {
  let step = first;
  for (let ended = 0; ;) {
    const action = nextAction(step);
    if (step === null || action.kind === 'stopped') return { kind: 'stopped', ended };
    if (action.kind === 'held' || action.kind === 'empty') return action;
    if (step.handling.order === 'none') return { kind: 'more', ended };
    if (action.kind === 'wait') return waiting(action.waitMs);
    // Only now: what the rows say tells more than that this drain is over.
    if (isOver(ended)) return { kind: 'more', ended };
    const result = await handle(step, action.delivery, { andNext: !isOver(ended + 1) });
    if (result.kind === 'stop' && result.why === 'credential_dead') {
      return { kind: 'stopped', ended };
    }
    if (result.kind !== 'marked') return { kind: 'more', ended };
    if (result.waitMs !== null) return waiting(result.waitMs);
    ended++;
    const comeBackMs = place.goOn();
    if (comeBackMs !== null) return putOff(comeBackMs);
    if (result.next === undefined && isOver(ended)) return { kind: 'more', ended };
    step = result.next === undefined ? await lease.nextOrdered() : result.next;
  }
}
