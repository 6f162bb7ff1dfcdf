import type { Pool } from '../../src/db/pool';
import {
  endNotice,
  endUnsent,
  nextNotice,
  type WaitingNotice,
} from '../../src/db/queries/notifications/outbox';
import { skipRecovered } from '../../src/db/queries/notifications/skip-recovered';
import type { Logger } from '../../src/lib/log';
import { attemptNotice } from './attempt';

export interface NoticeDeps {
  pool: Pool;
  notifyUrl: string | undefined;
  /** Of Standard Webhooks, `whsec_…`. */
  notifySecret: string | undefined;
  notifySkipRecovered: boolean;
  /** Aborts when this worker stops: the notice in hand is finished, no other one is begun. */
  stopping: AbortSignal;
  log: Logger;
}

export interface NoticesResult {
  /** When the stream is looked at again, RFC 3339; null where nothing waits. */
  retryAt: string | null;
}

/** How long one run goes on with another notice. */
const shareMs = 20_000;

/** Sends a stream's notices, each attempt once; the workflow decides on another. */
export function createDeliverNotices(deps: NoticeDeps) {
  return function deliverNotices({ stream }: { stream: string }): Promise<NoticesResult> {
    return sendNotices(deps, stream);
  };
}

/** Sends a stream's notices in order; the first that is not taken holds those behind it. */
export async function sendNotices(deps: NoticeDeps, stream: string): Promise<NoticesResult> {
  const { pool, log, notifyUrl: url, notifySecret: secret } = deps;
  if (url === undefined || secret === undefined) {
    const notices = await endUnsent(pool, stream);
    if (notices > 0) log.warn({ stream, notices }, 'notices are not sent: no HOLDFAST_NOTIFY_URL');
    return { retryAt: null };
  }
  const startedAt = performance.now();
  for (;;) {
    if (deps.notifySkipRecovered) await skip(deps, stream);
    const notice = await nextNotice(pool, stream);
    if (notice === null) return { retryAt: null };
    if (!notice.due) return { retryAt: notice.at.toISOString() };
    if (deps.stopping.aborted || performance.now() - startedAt > shareMs) {
      return { retryAt: new Date().toISOString() };
    }
    if (notice.tooOld) await giveUp(deps, stream, notice);
    else await attemptNotice(deps, stream, notice, { url, secret });
  }
}

async function skip({ pool, log }: NoticeDeps, stream: string): Promise<void> {
  for (const transition of await skipRecovered(pool, stream)) {
    log.info({ stream, transition }, 'a recovery is not told: nobody was told of the death');
  }
}

/** It was tried for as long as it could be, or its turn came too late. */
async function giveUp(
  { pool, log }: NoticeDeps,
  stream: string,
  notice: WaitingNotice,
): Promise<void> {
  const { id, type, sequence, attempts: attempt, error, claimed: mayHaveArrived } = notice;
  const end = { outcome: 'given_up', error, mayHaveArrived } as const;
  if (!(await endNotice(pool, { sequence, attempt }, end))) return;
  log.error({ stream, notice: id, type, attempt, error }, 'a notice was given up after three days');
}
