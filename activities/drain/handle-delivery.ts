import type { DrainStep, PendingDelivery } from '../../src/db/queries/deliveries/lease';
import { readBody } from '../../src/db/queries/deliveries/read-body';
import { type AttemptRecord, markDelivery } from '../../src/db/queries/deliveries/mark-and-next';
import type { Queryable } from '../../src/db/pool';
import { inTransaction } from '../../src/db/transaction';
import { messageOf } from '../../src/lib/errors';
import type { AttemptResult } from '../../src/handlers/attempt-result';
import type { AttemptMeasured } from '../../src/metrics/worker-words';
import { inSpan } from '../../src/tracing/in-span';
import { beginIncident } from '../../src/notifications/incidents';
import type { Place } from './admission';
import { createAttemptDelivery } from './attempt';
import { attemptEnd, attemptSpan } from './attempt-spans';
import { attemptOutcome, type AttemptOutcome, type MarkOutcome } from './attempt-outcome';
import type { DrainDeps } from './deps';
import type { DestinationHealth } from './destination-health';
import type { DrainLease } from './lease';
import type { DrainResult } from './next-action';

/** What became of a step: of the delivery that was next. */
export type DrainStepResult =
  /** `waitMs`: until it may be tried again; null where it won't be. */
  | {
      kind: 'marked';
      waitMs: number | null;
      waitsForToken: boolean;
      isHandled: boolean;
      /** What is next in order, where that was asked for and is known. */
      next?: DrainStep | null;
    }
  /** It stays where it was, and no other one may be started. */
  | { kind: 'stop'; why: 'credential_dead' | 'aborted' }
  /** The lease was lost meanwhile, or the delivery is gone: nothing is marked. */
  | { kind: 'overtaken' };

/** What the loops of a drain work with. */
export interface Drain {
  lease: DrainLease;
  place: Place;
  /** Its answer where others of the same user or destination come first. */
  yieldFor: (comeBackMs: number) => DrainResult & { kind: 'wait' };
  handle: ReturnType<typeof createHandleDelivery>;
  /** Whether this drain is to end after so many deliveries: it has done its part, or is stopped. */
  isOver: (started: number) => boolean;
}

/** Attempts deliveries of one integration under a lease, and marks what came of it. */
export function createHandleDelivery(
  deps: DrainDeps,
  integrationId: string,
  lease: DrainLease,
  destination: DestinationHealth,
) {
  const attemptDelivery = createAttemptDelivery(deps);

  return async function handleDelivery(
    step: DrainStep,
    delivery: PendingDelivery,
    { andNext = false } = {},
  ): Promise<DrainStepResult> {
    const body = delivery.body ?? (await readBody(deps.pool, delivery));
    if (body === null) return { kind: 'overtaken' };
    if (lease.hold.aborted) return { kind: 'stop', why: 'aborted' };
    const attemptedAt = performance.now();
    const { result, outcome, durationMs } = await inSpan(
      () => attemptSpan(integrationId, step, delivery),
      () => attempt(step, { ...delivery, body }),
      (ended) => attemptEnd(ended.result, measuredAs(ended.outcome)),
    );
    const number = delivery.attempts + 1;
    const line = { integrationId, deliveryId: delivery.id, attempt: number, durationMs };
    report(result, { ...line, outcome: result.kind }, outcome);
    deps.metrics?.deliveryAttempted({
      ...{ provider: step.provider, handler: step.handler, durationMs },
      result: measuredAs(outcome),
    });
    if (outcome.kind === 'stop') return outcome;
    const record = {
      ...{ deliveryId: delivery.id, integrationId, fencingToken: lease.fencingToken },
      ...{ number, durationMs },
      ...outcome,
      waitsFor: versionWaitedFor(step, outcome),
      destination: destination.newsOf(step, result),
    };
    const done = {
      kind: 'marked',
      waitMs: outcome.delayMs,
      waitsForToken: !outcome.counts,
      isHandled: outcome.state === 'handled',
    } as const;
    if (andNext && outcome.state === 'handled' && record.destination === null) {
      const { marked, step: next } = await lease.markAndNext(record);
      if (marked) {
        measureEnd(step, delivery, outcome, attemptedAt);
        return { ...done, next };
      }
    } else if (await mark(record)) {
      measureEnd(step, delivery, outcome, attemptedAt);
      return done;
    }
    deps.log.warn(
      { event: 'drain.overtaken', ...line },
      'A drain lost its lease: what it did after that is not marked',
    );
    return { kind: 'overtaken' };
  };

  async function attempt(step: DrainStep, delivery: PendingDelivery & { body: Buffer }) {
    const attemptedAt = performance.now();
    const result = await attemptDelivery({ integrationId, step, delivery, lease });
    const durationMs = Math.round(performance.now() - attemptedAt);
    const ended = {
      attempt: delivery.attempts + 1 - delivery.attemptsBefore,
      durationMs,
      usedMs: delivery.usedMs + durationMs,
    };
    const { retryDelaysMs } = deps.durations;
    const outcome = attemptOutcome(
      ...([result, ended, step.handling, retryDelaysMs, Date.now(), Math.random] as const),
    );
    return { result, outcome, durationMs };
  }

  function measureEnd(
    { provider }: DrainStep,
    { ageMs, parked }: PendingDelivery,
    { state }: MarkOutcome,
    attemptedAt: number,
  ): void {
    if (state === 'pending') return;
    deps.metrics?.deliveriesEnded(provider, state === 'handled' ? 'handled' : 'dead_lettered');
    if (state !== 'handled' || ageMs === null) return;
    deps.metrics?.deliveryHandledAfter(ageMs + performance.now() - attemptedAt, parked);
  }

  /** The first dead letter of an incident brings a notification, in the transaction that marks it. */
  async function mark(record: AttemptRecord): Promise<boolean> {
    if (record.state !== 'failed') return write(deps.pool, record);
    const { deliveryId, number: attempts, status } = record;
    const begun = await inTransaction(deps.pool, async (client) => {
      if (!(await write(client, record))) return null;
      const more = { delivery: { id: deliveryId, attempts, status } };
      return beginIncident(client, { integrationId, kind: 'delivery_failed', more }, deps);
    });
    if (begun === true && deps.notifyUrl !== undefined) {
      // A lost signal is made up for by the sweep: the notification is in its outbox.
      await deps.actors.noticeWaiting(integrationId).catch((error: unknown) => {
        deps.log.warn(
          { event: 'actor.not_signalled', integrationId, err: messageOf(error) },
          'An actor could not be signalled; the sweep does it',
        );
      });
    }
    return begun !== null;
  }

  async function write(db: Queryable, record: AttemptRecord): Promise<boolean> {
    const marked = await markDelivery(db, record);
    if (marked !== null) destination.note(record.destination, marked.failing);
    return marked !== null;
  }

  function report(result: AttemptResult, line: object, outcome: AttemptOutcome): void {
    const isOurs = !('thrown' in result);
    if (outcome.kind === 'stop')
      deps.log.debug({ event: 'drain.stopped', ...line }, 'A drain stopped before a delivery');
    else if (outcome.state === 'handled')
      deps.log.debug({ event: 'delivery.handled', ...line }, 'A delivery was handled');
    else if (outcome.state === 'failed')
      deps.log.warn(
        { event: 'delivery.dead_lettered', ...line, ...(isOurs && { error: outcome.error }) },
        'A delivery is a dead letter',
      );
    else
      deps.log.info(
        { event: 'delivery.retried', ...line, ...(isOurs && { error: outcome.error }) },
        'A delivery is tried again later',
      );
  }
}

function measuredAs(outcome: AttemptOutcome): AttemptMeasured {
  if (outcome.kind === 'stop') return outcome.why;
  if (outcome.state === 'handled') return 'handled';
  if (outcome.state === 'failed') return 'dead_lettered';
  return outcome.counts ? 'retried' : 'waits_for_token';
}

/** What the delivery has to outlive: the version that an attempt ended with, or the one it began with. */
function versionWaitedFor({ credentials }: DrainStep, { waitsFor }: MarkOutcome) {
  const credential = credentials.find(({ name }) => name === waitsFor?.credential);
  if (credential === undefined) return null;
  return { id: credential.id, version: waitsFor?.version ?? credential.version };
}
