import { claimNotice, endNotice, postponeNotice } from '../src/db/queries/notice-attempt';
import { endUnsent, nextNotice, type WaitingNotice } from '../src/db/queries/notices';
import { skipRecovered } from '../src/db/queries/skip-recovered';
import type { Pool } from '../src/db/pool';
import type { Logger } from '../src/log';
import { heartbeating } from './heartbeating';
import { isWorthALine, noticeDelayMs } from './notice-delays';
import { postNotice } from './post-notice';

export interface NoticeDeps {
  pool: Pool;
  notifyUrl: string | undefined;
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

/** An attempt has the notice to itself for so long; it ends before, whatever becomes of this process. */
const claimMs = 12_000;
/** The latest moment, after the claim, at which it may leave the process. */
const latestSendMs = 2_000;
/** How long one run of the activity goes on with another notice. */
const shareMs = 20_000;

/** Sends a stream's notices in order, each attempt once; the first that is not taken holds those behind it. */
export function createDeliverNotices(deps: NoticeDeps) {
  const { pool, log, notifyUrl: url, notifySecret: secret } = deps;

  return function deliverNotices({ stream }: { stream: string }): Promise<NoticesResult> {
    return heartbeating(() => deliver(stream));
  };

  async function deliver(stream: string): Promise<NoticesResult> {
    if (url === undefined || secret === undefined) {
      const notices = await endUnsent(pool, stream);
      if (notices > 0)
        log.warn({ stream, notices }, 'notices are not sent: no HOLDFAST_NOTIFY_URL');
      return { retryAt: null };
    }
    const startedAt = performance.now();
    for (;;) {
      if (deps.notifySkipRecovered) await skip(stream);
      const notice = await nextNotice(pool, stream);
      if (notice === null) return { retryAt: null };
      if (!notice.due) return { retryAt: notice.at.toISOString() };
      if (deps.stopping.aborted || performance.now() - startedAt > shareMs) {
        return { retryAt: new Date().toISOString() };
      }
      if (notice.tooOld) await giveUp(stream, notice);
      else await attempt(stream, notice, { url, secret });
    }
  }

  async function skip(stream: string): Promise<void> {
    for (const transition of await skipRecovered(pool, stream)) {
      log.info({ stream, transition }, 'a recovery is not told: nobody was told of the death');
    }
  }

  /** It was tried for as long as it could be, or its turn came too late. */
  async function giveUp(stream: string, notice: WaitingNotice): Promise<void> {
    const { id, type, sequence, attempts: attempt, claimed: mayHaveArrived } = notice;
    const error = 'not taken within three days';
    const end = { outcome: 'given_up', error, mayHaveArrived } as const;
    if (!(await endNotice(pool, { sequence, attempt }, end))) return;
    log.error({ stream, notice: id, type, attempt }, 'a notice was given up after three days');
  }

  async function attempt(
    stream: string,
    { sequence, id, type, payload, ageSeconds }: WaitingNotice,
    to: { url: string; secret: string },
  ): Promise<void> {
    const claimedAt = performance.now();
    const claim = await claimNotice(pool, sequence, claimMs);
    if (claim === null) return;
    const isLate = performance.now() - claimedAt > latestSendMs;
    const posted = isLate
      ? { kind: 'unsent' as const, error: 'the claim was too old' }
      : await postNotice({ id, payload, ...to });
    const line = { stream, notice: id, type, attempt: claim.attempt, ageSeconds };
    if (posted.kind === 'taken') {
      const end = { outcome: 'delivered', error: null, mayHaveArrived: false } as const;
      const isMine = await endNotice(pool, claim, end);
      if (isMine) log.info({ ...line, status: posted.status }, 'a notice was delivered');
      return;
    }
    const { error } = posted;
    const mayHaveArrived = posted.kind === 'unanswered';
    if (posted.kind === 'refused' && posted.isFinal) {
      await endNotice(pool, claim, { outcome: 'refused', error, mayHaveArrived });
      log.error({ ...line, error }, 'a notice was given up: the receiver wants it no more');
      return;
    }
    const wanted = posted.kind === 'refused' ? posted.retryAfterMs : undefined;
    const waited = { attempt: claim.attempt, retryAfterMs: wanted };
    const delayMs = noticeDelayMs(waited, Math.random());
    const retryAt = await postponeNotice(pool, claim, { delayMs, error, mayHaveArrived });
    if (retryAt === null) {
      const isMine = await endNotice(pool, claim, { outcome: 'given_up', error, mayHaveArrived });
      if (isMine) log.error({ ...line, error }, 'a notice was given up after three days');
    } else {
      const level = isWorthALine(claim.attempt) ? 'warn' : 'debug';
      log[level]({ ...line, error, retryAt }, 'a notice was not taken; it is tried again');
    }
  }
}
