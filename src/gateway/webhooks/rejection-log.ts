import { insertRejections, type NewRejection } from '../../db/queries/deliveries/rejections';
import type { Pool } from '../../db/pool';
import { messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/log';

const everyMs = 250;
/** A flood of rejected requests fills no table: what is beyond this in one interval is only counted. */
const maxPerInterval = 100;
/** Of one integration, or of one provider's address: a flood of one leaves room for the others. */
const maxOfOne = 10;

/** Whom a rejected request, or an event of one, was for. */
export type RejectedFor = { integrationId: string } | { provider: string; account?: string | null };

export interface Rejected {
  of: RejectedFor;
  /** A stable word: `wrong_signature`, `body_too_large`, … */
  reason: string;
  sourceAddress: string;
  /** As claimed by the sender where the body was not read: it may be any number. */
  sizeBytes: number;
}

/** Keeps what was rejected for whoever asks why nothing arrives. A sender never waits for it. */
export interface RejectionLog {
  add(rejected: Rejected): void;
  /** After the last request has ended. */
  close(): Promise<void>;
}

/** What the column holds. */
const maxSizeBytes = 2 ** 31 - 1;

export function createRejectionLog(pool: Pool, log: Logger): RejectionLog {
  let waiting: NewRejection[] = [];
  let dropped = 0;
  let last: Promise<void> = Promise.resolve();
  const ofOne = new Map<string, number>();

  async function write(batch: readonly NewRejection[], left: number): Promise<void> {
    if (left > 0) log.warn({ dropped: left }, 'more requests were refused than are kept');
    try {
      await insertRejections(pool, batch);
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'refused requests could not be kept');
    }
  }

  function flush(): Promise<void> {
    if (waiting.length > 0) {
      const [batch, left] = [waiting, dropped];
      [waiting, dropped] = [[], 0];
      ofOne.clear();
      last = last.then(() => write(batch, left));
    }
    return last;
  }

  function hasRoom({ integrationId, provider }: NewRejection): boolean {
    const one = integrationId ?? `apps/${provider ?? ''}`;
    const count = (ofOne.get(one) ?? 0) + 1;
    ofOne.set(one, count);
    return count <= maxOfOne && waiting.length < maxPerInterval;
  }

  const timer = setInterval(() => void flush(), everyMs);
  return {
    add: ({ of, reason, sourceAddress, sizeBytes }) => {
      const rejection: NewRejection = {
        ...{ integrationId: null, provider: null, account: null },
        ...of,
        ...{ reason, sourceAddress },
        sizeBytes: Math.min(sizeBytes, maxSizeBytes),
      };
      if (hasRoom(rejection)) waiting.push(rejection);
      else dropped++;
    },
    close: () => {
      clearInterval(timer);
      return flush();
    },
  };
}
