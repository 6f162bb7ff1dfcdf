import { withAdvisoryLock } from '../db/advisory-lock';
import type { Pool } from '../db/pool';
import { messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';
import { type Keeper, keepPassing } from '../lib/timing';
import { countBytes } from './count-bytes';
import { deleteOld } from './delete-old';
import { expireKept } from './expire-undelivered';
import type { RetentionOptions } from './options';

export interface RetentionKeeperOptions extends Pick<RetentionOptions, 'onExpired'> {
  pool: Pool;
  retentionDays: number;
  auditRetentionDays: number;
  keepLimitBytes: number;
  log: Logger;
  /** Milliseconds between two looks; default ten minutes. A look that finds nothing is a few steps in each index. */
  everyMs?: number;
}

const batchSize = 500;
const pauseMs = 50;
/** Of `pg_try_advisory_lock`: a number that nothing else uses. */
const lock = 4_201_733_020;

/**
 * Lets expire, and deletes, what is past the retention time, and counts what is left, now and from time to time. It needs no Temporal. One
 * process does it at a time; two at once would be no harm, since each passes over what the other holds.
 */
export function keepRetention({
  pool,
  retentionDays,
  auditRetentionDays,
  keepLimitBytes,
  onExpired,
  log,
  everyMs = 600_000,
}: RetentionKeeperOptions): Keeper {
  async function pass(signal: AbortSignal): Promise<void> {
    const options = {
      ...{ pool, retentionDays, auditRetentionDays, keepLimitBytes },
      ...{ onExpired, log, signal, batchSize, pauseMs },
    };
    await withAdvisoryLock(pool, lock, async () => {
      await expireKept(options).catch(report);
      await deleteOld(options);
      await countBytes(options);
    });
  }

  function report(error: unknown): void {
    log.warn(
      { event: 'retention.failed', err: messageOf(error) },
      'Retention failed; it is tried again',
    );
  }

  return keepPassing(async (signal) => {
    await pass(signal).catch(report);
    return everyMs;
  });
}
