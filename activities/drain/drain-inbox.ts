import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import {
  type DrainOwner,
  putOffDrain,
  readDrainOwner,
} from '../../src/db/queries/deliveries/drain-owner';
import type { DrainStep } from '../../src/db/queries/deliveries/lease';
import { countPending } from '../../src/db/queries/deliveries/pending-count';
import { countedLeft } from '../../workflows/contract/status';
import type { Place } from './admission';
import type { DrainDeps } from './deps';
import { createHandleDelivery, type Drain } from './handle-delivery';
import { createDestinationHealth } from './destination-health';
import { acquireLease, type LeaseResult } from './lease';
import { type DrainAnswer, type DrainResult, nextAction, waiting } from './next-action';
import { partyOf } from './party';
import { drainUnordered } from './unordered';

type TakenDrain = Extract<LeaseResult, { kind: 'taken' }>;

/** Then a drain ends, so that no slot is held for long and histories stay short. */
const maxDurationMs = 30_000;
const maxDeliveries = 500;
/** From this try of Temporal's on a drain that is put off answers its actor. */
const answersFromAttempt = 3;

/**
 * Handles an integration's deliveries as long as the rows allow it, in their order or, where it needs none, several
 * at once. It never sleeps: where all that is left has to wait it says how long, and the actor waits by timer.
 */
export function createDrainInbox(deps: DrainDeps) {
  const { pool, admission } = deps;

  /** @returns how it ends without having begun, where it has no place */
  async function enter(
    integrationId: string,
    owner: DrainOwner,
  ): Promise<{ place: Place } | { ended: DrainResult }> {
    const admitted = await admission.begin(partyOf(owner), Context.current().cancellationSignal);
    if (admitted.kind === 'begun') return admitted;
    if (admitted.kind === 'left') return { ended: { kind: 'more', ended: 0 } };
    return { ended: await putOff(integrationId, admitted.comeBackMs) };
  }

  /**
   * Temporal runs it again after that time without asking its actor: thousands that are put off cost a worker few workflow
   * tasks, and no webhook makes one of them start earlier. Now and then the actor is answered and waits by timer: it
   * can't continue as new, nor look at its rows where it has to, while a drain runs.
   *
   * @throws ApplicationFailure the first times
   */
  async function putOff(integrationId: string, comeBackMs: number): Promise<DrainResult> {
    await putOffDrain(pool, integrationId, comeBackMs);
    if (Context.current().info.attempt >= answersFromAttempt) return waiting(comeBackMs);
    throw ApplicationFailure.create({
      message: 'Other drains of the same user or destination have their share: this one waits',
      nextRetryDelay: comeBackMs,
      category: ApplicationFailureCategory.BENIGN,
    });
  }

  async function drain(
    integrationId: string,
    { lease, failing }: TakenDrain,
    place: Place,
  ): Promise<DrainAnswer> {
    const destination = createDestinationHealth(failing);
    const startedAt = performance.now();
    const { cancellationSignal } = Context.current();
    const yielded: { forMs: number | null } = { forMs: null };
    const handle = createHandleDelivery(deps, integrationId, lease, destination);
    let delivered = 0;
    const result = await drainBy({
      lease,
      place,
      handle: async (...of) => {
        const step = await handle(...of);
        if (step.kind === 'marked' && step.isHandled) delivered++;
        return step;
      },
      isOver: (started: number) =>
        started >= maxDeliveries ||
        performance.now() - startedAt >= maxDurationMs ||
        [deps.stopping, cancellationSignal, lease.hold].some(({ aborted }) => aborted),
      yieldFor: (comeBackMs) => {
        yielded.forMs = comeBackMs;
        return waiting(comeBackMs);
      },
    });
    const ended = yielded.forMs === null ? result : await putOff(integrationId, yielded.forMs);
    // What costs the most drains nothing: they leave none.
    const left = ended.kind === 'empty' ? 0 : await countPending(pool, integrationId, countedLeft);
    return { ...ended, ...destination.report(), count: { delivered, left } };
  }

  return async function drainInbox(input: { integrationId: string }): Promise<DrainAnswer> {
    const { integrationId } = input;
    let place: Place | null = null;
    try {
      // Whoever may have to wait does so without a lease: thousands of them would have to be renewed.
      if (!admission.isCalm()) {
        const owner = await readDrainOwner(pool, integrationId);
        if (owner === undefined) return { kind: 'stopped', ended: 0 };
        const entered = await enter(integrationId, owner);
        if ('ended' in entered) return entered.ended;
        ({ place } = entered);
      }
      const acquired = await acquireLease(pool, deps.bodyRoom, integrationId);
      if (acquired.kind === 'busy') return waiting(acquired.waitMs);
      if (acquired.kind === 'gone') return { kind: 'stopped', ended: 0 };
      const { lease, owner } = acquired;
      try {
        if (place === null) {
          const entered = await enter(integrationId, owner);
          if ('ended' in entered) return entered.ended;
          ({ place } = entered);
        }
        return await drain(integrationId, acquired, place);
      } finally {
        await lease.release();
      }
    } finally {
      place?.end();
    }
  };
}

/** The first look, which is the one in order, tells whether the integration needs an order. */
async function drainBy(drain: Drain): Promise<DrainResult> {
  if (drain.isOver(0)) return { kind: 'more', ended: 0 };
  const first = await drain.lease.nextOrdered();
  if (first?.handling.order !== 'none') return drainOrdered(drain, first);
  if (first.delivery !== null) drain.lease.bodies.letGo(first.delivery);
  return drainUnordered(drain);
}

/** The oldest first, one at a time; one that has to wait holds those behind it. */
async function drainOrdered(
  { lease, place, handle, isOver, yieldFor }: Drain,
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
    const fullForMs = lease.bodies.take(action.delivery);
    if (fullForMs !== null) return yieldFor(fullForMs);
    const attemptEnds = place.attempt();
    const result = await handle(step, action.delivery, { andNext: !isOver(ended + 1) });
    attemptEnds();
    lease.bodies.letGo(action.delivery);
    if (result.kind === 'stop' && result.why === 'credential_dead') {
      return { kind: 'stopped', ended };
    }
    if (result.kind !== 'marked') return { kind: 'more', ended };
    if (result.waitMs !== null) return waiting(result.waitMs);
    ended++;
    const comeBackMs = place.goOn();
    if (comeBackMs !== null) return yieldFor(comeBackMs);
    if (result.next === undefined && isOver(ended)) return { kind: 'more', ended };
    step = result.next === undefined ? await lease.nextOrdered() : result.next;
  }
}
