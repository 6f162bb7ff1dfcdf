import {
  type AttemptRecord,
  markAndNext,
  type MarkedAndNext,
  nextOrdered,
} from '../../src/db/queries/deliveries/mark-and-next';
import {
  type UnorderedOptions,
  nextUnordered,
} from '../../src/db/queries/deliveries/next-unordered';
import { type DrainStep, releaseLease, takeLease } from '../../src/db/queries/deliveries/lease';
import { renewLease } from '../../src/db/queries/deliveries/renew-lease';
import type { DrainOwner } from '../../src/db/queries/deliveries/drain-owner';
import type { Pool } from '../../src/db/pool';
import type { FailingDestination } from '../../workflows/contract/status';
import type { BodyRoom, DrainBodies } from './body-room';
import { partyOf } from './party';

/** How long a drain that died keeps its successor waiting, at most. */
const leaseMs = 10_000;
const renewEveryMs = 3_000;
/** An attempt is aborted this long before the lease ends. */
const marginMs = 1_500;

/** The right to drain one integration's inbox. */
export interface DrainLease {
  readonly fencingToken: number;
  /** What its looks have brought along. */
  readonly bodies: DrainBodies;
  /** Aborts shortly before the lease ends, unless it was renewed. */
  readonly signal: AbortSignal;
  /** Aborts when a renewal finds the integration held, and stays so. */
  readonly hold: AbortSignal;
  /** For the last moment before something leaves: whether a successor may be at work already. */
  isOver(): boolean;
  /** Renews the lease and reads what is next in order; null where it is lost or the integration gone. */
  nextOrdered(): Promise<DrainStep | null>;
  /** The same, in the statement that marks the one before. */
  markAndNext(record: AttemptRecord): Promise<MarkedAndNext>;
  /** As `nextOrdered`, without an order. */
  nextUnordered(options: UnorderedOptions): Promise<DrainStep | null>;
  release(): Promise<void>;
}

export type LeaseResult =
  | {
      kind: 'taken';
      lease: DrainLease;
      owner: DrainOwner;
      /** What is known of the destination. */
      failing: FailingDestination | null;
    }
  | { kind: 'busy'; until: Date; waitMs: number }
  | { kind: 'gone' };

/**
 * Takes the lease and renews it as long as this process runs. Its end is watched on the monotonic clock,
 * counted from *before* each renewal was sent: a process that was stopped finds itself too late.
 */
export async function acquireLease(
  pool: Pool,
  bodyRoom: BodyRoom,
  integrationId: string,
): Promise<LeaseResult> {
  let endsAt = performance.now() + leaseMs - marginMs;
  const attempt = await takeLease(pool, integrationId, leaseMs);
  if (attempt.kind !== 'taken') return attempt;
  const { fencingToken } = attempt;
  const bodies = bodyRoom.of(partyOf(attempt));
  const ending = new AbortController();
  const holding = new AbortController();
  let lost = false;
  const isOver = () => lost || performance.now() >= endsAt;

  const renewed = async <T extends { held: boolean }>(
    renew: () => Promise<T | null>,
  ): Promise<T | null> => {
    const askedAt = performance.now();
    const result = await renew();
    lost ||= result === null;
    endsAt = Math.max(endsAt, askedAt + leaseMs - marginMs);
    if (result?.held === true) holding.abort(new Error('the integration is held'));
    return result;
  };
  const timer = setInterval(() => {
    // A renewal that fails is one of several; the watch below decides.
    void renewed(() => renewLease(pool, integrationId, fencingToken, leaseMs)).catch(
      () => undefined,
    );
  }, renewEveryMs);
  const watch = setInterval(() => {
    if (isOver()) ending.abort(new Error('the lease is over'));
  }, 250);

  const lease: DrainLease = {
    fencingToken,
    bodies,
    signal: ending.signal,
    hold: holding.signal,
    isOver,
    nextOrdered: () =>
      bodies.look((alongBytes) =>
        renewed(() => nextOrdered(pool, integrationId, fencingToken, leaseMs, alongBytes)),
      ),
    markAndNext: async (record) => {
      let marked = false;
      const step = await bodies.look((alongBytes) =>
        renewed(async () => {
          const result = await markAndNext(pool, record, leaseMs, alongBytes);
          ({ marked } = result);
          return result.step;
        }),
      );
      return { marked, step };
    },
    nextUnordered: (options) =>
      bodies.look((alongBytes) =>
        renewed(() =>
          nextUnordered(pool, integrationId, { fencingToken, ms: leaseMs }, options, alongBytes),
        ),
      ),
    release: async () => {
      clearInterval(timer);
      clearInterval(watch);
      bodies.end();
      await releaseLease(pool, integrationId, fencingToken);
    },
  };
  return { kind: 'taken', lease, owner: attempt, failing: attempt.failing };
}
