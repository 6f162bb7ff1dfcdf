import { dropEnded } from '../../db/queries/deliveries/drop-ended';
import { countStoredBytes } from '../../db/queries/deliveries/stored-bytes';
import { messageOf } from '../../lib/errors';
import { pause } from '../../lib/timing';
import type { ActorSignals, Counters, Rows, Settings } from '../deps';

/** What ended bodies leave of the limit, so that it doesn't begin anew at once. */
const roomy = 0.8;
/** Rows a statement: it holds the integration's count. */
const batchSize = 200;

/** Drops bodies of what has ended, off the senders' way: of one integration after the other, a batch of each in turn. */
export interface RoomMaker {
  makeRoom(integrationId: string): void;
  /** After the statement in hand. */
  stop(): Promise<void>;
}

export function createRoomMaker({
  pool,
  config,
  log,
  storedBytes,
}: Rows & Settings & Counters & Pick<ActorSignals, 'log'>): RoomMaker {
  const target = Math.floor(roomy * config.keepLimitBytes);
  /** With how many bodies have been dropped. */
  const wanted = new Map<string, number>();
  const stopping = new AbortController();
  let working: Promise<void> | undefined;

  async function work(): Promise<void> {
    for (const [integrationId, before] of wanted) {
      if (stopping.signal.aborted) return;
      wanted.delete(integrationId);
      const startedAt = performance.now();
      try {
        await storedBytes.report();
        const options = { target, limit: batchSize };
        const { dropped, more, bytes, isCountOld } = await dropEnded(pool, integrationId, options);
        const isStuck = dropped === 0 && bytes >= config.keepLimitBytes && isCountOld;
        // What ended late would be found by the count of the hour, and its sender be refused until then.
        if (isStuck) await countStoredBytes(pool, integrationId);
        // A map is walked to its end, also to what is added meanwhile: so it comes after a turn of all others.
        if (more || isStuck) wanted.set(integrationId, before + dropped);
        else logEnd(integrationId, before + dropped);
      } catch (error) {
        log.warn(
          { event: 'inbox.bodies_not_dropped', integrationId, err: messageOf(error) },
          'Bodies of ended deliveries could not be dropped',
        );
      }
      await pause(performance.now() - startedAt, stopping.signal);
    }
  }

  function logEnd(integrationId: string, dropped: number): void {
    if (dropped > 0)
      log.warn(
        { event: 'inbox.bodies_dropped', integrationId, dropped },
        'Bodies of ended deliveries are dropped: HOLDFAST_KEEP_LIMIT_BYTES is near',
      );
  }

  return {
    makeRoom: (integrationId) => {
      if (wanted.has(integrationId)) return;
      wanted.set(integrationId, 0);
      working ??= work().finally(() => (working = undefined));
    },
    stop: async () => {
      stopping.abort();
      await working;
    },
  };
}
