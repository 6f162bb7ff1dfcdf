import { deleteEnded, type EndedKind, endedKinds } from '../db/queries/retention';
import { messageOf } from '../lib/errors';
import { pause } from '../lib/timing';
import type { RetentionOptions } from './options';

/**
 * Deletes whatever reached its end longer ago than the retention time: a batch of each kind in turn, so that
 * a backlog of one, or a fault in one, keeps no other waiting.
 */
export async function deleteOld(options: RetentionOptions): Promise<void> {
  const { pool, retentionDays, auditRetentionDays, batchSize, log, signal, pauseMs } = options;
  const deleted: Partial<Record<EndedKind, number>> = {};
  const open = new Set(endedKinds);
  while (open.size > 0 && !signal.aborted) {
    const startedAt = performance.now();
    for (const kind of open) {
      try {
        const count = await deleteEnded(pool, kind, {
          ...{ retentionDays, auditRetentionDays, limit: batchSize },
        });
        if (count > 0) deleted[kind] = (deleted[kind] ?? 0) + count;
        if (count < batchSize) open.delete(kind);
      } catch (error) {
        log.warn(
          { event: 'retention.rows_left', kind, err: messageOf(error) },
          'Rows past their retention could not be deleted',
        );
        open.delete(kind);
      }
    }
    // At least as long as the statements took: a database that is busy already is left alone for longer.
    const tookMs = performance.now() - startedAt;
    if (open.size > 0) await pause(Math.max(pauseMs, tookMs), signal);
  }
  if (Object.keys(deleted).length > 0) {
    log.info(
      { event: 'retention.rows_deleted', deleted, retentionDays },
      'Rows past their retention are deleted',
    );
  }
}
