import { isDatabaseUnavailable } from '../../db/error-classes';
import type { Queryable } from '../../db/pool';
import {
  addRejections,
  type NewRejections,
  type RejectionKey,
} from '../../db/queries/deliveries/rejections';
import { createCountedLines, createCountedWarning } from '../../lib/log/counted-lines';
import { messageOf } from '../../lib/errors';
import { createTally } from '../../lib/fair-share';
import type { Logger } from '../../lib/log';
import type { Sender } from '../http/sender';

const everyMs = 250;
/** Rows of one statement: the others wait for the next. */
const maxRows = 500;
/** Sources of one integration, or of one provider's address, for one reason; further ones are counted together. */
const maxSources = 100;
/** Rows that wait, as while the database is away. What is beyond is only counted, in a line of the log. */
const maxWaiting = 10_000;

/** Lines of the log: of one reason, those of further targets are counted together. */
const inTheLog = { everyMs: 60_000, maxKinds: 200 };

/** Whom a rejected request, or an event of one, was for. */
export type RejectedFor = { integrationId: string } | { provider: string; account?: string | null };

export interface Rejected {
  of: RejectedFor;
  /** A stable word: `wrong_signature`, `body_too_large`, … */
  reason: string;
  sender: Pick<Sender, 'address' | 'key'>;
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

interface Waiting extends RejectionKey {
  sourceAddress: string | null;
  count: number;
  /** Milliseconds on a monotonic clock. */
  firstAt: number;
  lastAt: number;
  sizeBytes: number;
}

export function createRejectionLog(db: Queryable, log: Logger): RejectionLog {
  const waiting = new Map<string, Waiting>();
  const lines = createCountedLines(
    (line) => log.warn({ event: 'webhook.rejected', ...line }, 'Webhooks were rejected'),
    inTheLog,
  );
  const lost = createCountedWarning(
    (line) =>
      log.warn(
        { event: 'webhook.rejections_dropped', ...line },
        'There are more rejections than are stored',
      ),
    10_000,
  );
  let isWriting = false;
  let last: Promise<void> = Promise.resolve();
  /** How many of `waiting` are of one, for one reason. */
  const sources = createTally();

  function merge(one: Waiting): void {
    const key = keyOf(one);
    const found = waiting.get(key);
    if (found !== undefined) {
      found.count += one.count;
      if (one.lastAt >= found.lastAt) {
        found.sizeBytes = one.sizeBytes;
        found.sourceAddress = one.sourceAddress;
      }
      found.firstAt = Math.min(found.firstAt, one.firstAt);
      found.lastAt = Math.max(found.lastAt, one.lastAt);
      return;
    }
    const group = groupOf(one);
    const count = sources.of(group);
    if (one.sourceKey !== null && count >= maxSources) {
      merge({ ...one, account: null, sourceKey: null, sourceAddress: null });
    } else if (waiting.size >= maxWaiting) {
      lost.add({ reason: one.reason });
    } else {
      waiting.set(key, one);
      sources.add(group, 1);
    }
  }

  function take(): Waiting[] {
    const batch: Waiting[] = [];
    for (const [key, one] of waiting) {
      if (batch.length >= maxRows) break;
      waiting.delete(key);
      sources.add(groupOf(one), -1);
      batch.push(one);
    }
    return batch;
  }

  async function write(batch: readonly Waiting[]): Promise<void> {
    const now = performance.now();
    try {
      await addRejections(
        db,
        batch.map((one) => rowOf(one, now)),
      );
    } catch (error) {
      log.warn(
        { event: 'webhook.rejections_not_stored', err: messageOf(error) },
        'Rejections could not be stored',
      );
      // Any other error would come again with them.
      if (isDatabaseUnavailable(error)) for (const one of batch) merge(one);
    }
  }

  /** One statement at a time; where that one takes long, what comes meanwhile is folded together. */
  function flush(): void {
    if (isWriting || waiting.size === 0) return;
    isWriting = true;
    last = write(take()).finally(() => {
      isWriting = false;
    });
  }

  const timer = setInterval(flush, everyMs);
  return {
    add: ({ of, reason, sender, sizeBytes }) => {
      lines.add(
        {
          key: groupOf({ integrationId: null, provider: null, ...of, reason }),
          fields: { ...of, reason },
        },
        { key: reason, fields: { integrationId: null, reason } },
        { sourceAddress: sender.address },
      );
      const now = performance.now();
      merge({
        ...{ integrationId: null, provider: null, account: null },
        ...of,
        ...{ reason, sourceKey: sender.key, sourceAddress: sender.address },
        ...{ count: 1, firstAt: now, lastAt: now },
        sizeBytes: Math.min(sizeBytes, maxSizeBytes),
      });
    },
    close: async () => {
      clearInterval(timer);
      await last;
      // As long as it helps: with the database away it doesn't.
      for (let before = Infinity; waiting.size > 0 && waiting.size < before;) {
        before = waiting.size;
        flush();
        await last;
      }
      lost.close();
      lines.close();
    },
  };
}

const keyOf = ({ integrationId, provider, account, reason, sourceKey }: RejectionKey) =>
  JSON.stringify([integrationId, provider, account, reason, sourceKey]);

const groupOf = ({
  integrationId,
  provider,
  reason,
}: Pick<RejectionKey, 'integrationId' | 'provider' | 'reason'>) =>
  `${integrationId ?? `apps/${provider ?? ''}`} ${reason}`;

function rowOf(one: Waiting, now: number): NewRejections {
  const { firstAt, lastAt, ...row } = one;
  return { ...row, firstAgoMs: now - firstAt, lastAgoMs: now - lastAt };
}
