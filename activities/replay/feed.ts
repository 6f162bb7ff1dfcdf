import { Context } from '@temporalio/activity';
import { feedReplay, maxFedAtOnce, replayRoom } from '../../src/db/queries/replays/feed';
import { messageOf } from '../../src/lib/errors';
import type { Pool } from '../../src/db/pool';
import type { Logger } from '../../src/lib/log';
import type { Actors } from '../../src/temporal/actors';

export interface FeedDeps {
  pool: Pool;
  actors: Pick<Actors, 'webhookReceived'>;
  /** `HOLDFAST_KEEP_LIMIT` */
  keepLimit: number;
  /** Aborts when this worker stops. */
  stopping: AbortSignal;
  log: Logger;
}

export interface FeedResult {
  /** `ended`: also cancelled, or gone. `more`: this run has had its share. `full`: the queue is, for the moment. */
  kind: 'ended' | 'more' | 'full';
  /** How many were put in the queue by this run. */
  fed: number;
}

/** Room is counted once for a run, and the actor is told once. */
const shareMs = 2_000;

/**
 * Puts a replay's deliveries in their queue for two seconds, or until it is full. How far it came is in the row, so
 * that the next run goes on from there, and nothing is put there twice.
 */
export function createFeedReplay({ pool, actors, keepLimit, stopping, log }: FeedDeps) {
  return async function feedForAWhile({ replayId }: { replayId: string }): Promise<FeedResult> {
    const startedAt = performance.now();
    const { cancellationSignal } = Context.current();
    const room = await replayRoom(pool, replayId, keepLimit);
    let fed = 0;
    for (;;) {
      const limit = Math.max(0, Math.min(maxFedAtOnce, room - fed));
      const batch = await feedReplay(pool, replayId, { limit, inBackground: true });
      fed += batch?.count ?? 0;
      const kind = batch?.ended !== false ? 'ended' : fed >= room ? 'full' : 'more';
      const share = performance.now() - startedAt < shareMs;
      if (kind === 'more' && share && !stopping.aborted && !cancellationSignal.aborted) continue;
      if (fed > 0)
        log.debug({ event: 'replay.fed', replayId, fed, outcome: kind }, 'A replay fed its queue');
      if (batch !== null && batch.handling && fed > 0) await signal(batch);
      return { kind, fed };
    }
  };

  async function signal({
    integrationId,
    deliveryIds,
  }: {
    integrationId: string;
    deliveryIds: string[];
  }) {
    try {
      await actors.webhookReceived(integrationId, deliveryIds);
    } catch (error) {
      log.warn(
        { event: 'actor.not_signalled', integrationId, err: messageOf(error) },
        'An actor could not be signalled; the sweep does it',
      );
    }
  }
}
