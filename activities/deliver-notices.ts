import {
  endNotice,
  nextNotice,
  postponeNotice,
  type WaitingNotice,
} from '../src/db/queries/notices';
import type { Pool } from '../src/db/pool';
import type { Logger } from '../src/log';
import { heartbeating } from './heartbeating';
import { noticeDelayMs, noticeIsTooOld } from './notice-delays';
import { postNotice } from './post-notice';

export interface NoticeDeps {
  pool: Pool;
  notifyUrl: string | undefined;
  notifySecret: string | undefined;
  log: Logger;
}

export interface NoticesResult {
  /** When the oldest that was not delivered is tried again, RFC 3339; null where none waits. */
  retryAt: string | null;
}

/** Sends a stream's notices in order, each attempt once; the first that fails holds those behind it. */
export function createDeliverNotices({ pool, notifyUrl, notifySecret, log }: NoticeDeps) {
  return function deliverNotices({ stream }: { stream: string }): Promise<NoticesResult> {
    return heartbeating(() => deliver(stream));
  };

  async function deliver(stream: string): Promise<NoticesResult> {
    for (;;) {
      const notice = await nextNotice(pool, stream);
      if (notice === null) return { retryAt: null };
      if (!notice.due) return { retryAt: notice.nextAttemptAt.toISOString() };
      const retryAt = await attempt(stream, notice);
      if (retryAt !== null) return { retryAt: retryAt.toISOString() };
    }
  }

  /** @returns when it is tried again; null where it has ended */
  async function attempt(stream: string, notice: WaitingNotice): Promise<Date | null> {
    if (notifyUrl === undefined || notifySecret === undefined) {
      await endNotice(pool, notice.sequence, { delivered: false, error: 'no HOLDFAST_NOTIFY_URL' });
      return null;
    }
    const error = await postNotice(notice, { url: notifyUrl, secret: notifySecret });
    const { sequence, id, type, attempts } = notice;
    const line = { stream, notice: id, type, attempt: attempts + 1, error };
    if (error === null) {
      await endNotice(pool, sequence, { delivered: true, error: null });
      log.info(line, 'a notice was delivered');
      return null;
    }
    if (noticeIsTooOld(notice.createdAt, new Date())) {
      await endNotice(pool, sequence, { delivered: false, error });
      log.error(line, 'a notice was given up after three days');
      return null;
    }
    log.warn(line, 'a notice was not taken; it is tried again');
    return postponeNotice(pool, sequence, noticeDelayMs(attempts, Math.random()), error);
  }
}
