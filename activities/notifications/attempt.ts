import type { Pool } from '../../src/db/pool';
import { claimNotice, endNotice, postponeNotice } from '../../src/db/queries/notifications/attempt';
import type { WaitingNotice } from '../../src/db/queries/notifications/outbox';
import type { Logger } from '../../src/lib/log';
import { backoffMs } from '../../workflows/rules';
import { type Posted, postNotice } from './post';

/** An attempt has the notice to itself for so long; it ends before, whatever becomes of this process. */
const claimMs = 12_000;
/** The latest moment, after the claim, at which it may leave the process. */
const latestSendMs = 2_000;
const growth = { firstMs: 2_000, longestMs: 10 * 60_000, jitter: 0.2 };

/** Where notices go. */
interface Receiver {
  url: string;
  /** `whsec_…` */
  secret: string;
}

/** Tries the oldest notice of a stream once, and writes what came of it; nothing where another attempt has it. */
export function createAttemptNotice({ pool, log }: { pool: Pool; log: Logger }) {
  return async function attemptNotice(
    stream: string,
    notice: WaitingNotice,
    receiver: Receiver,
  ): Promise<void> {
    const { sequence, id, type, payload, ageSeconds } = notice;
    const claimedAt = performance.now();
    const claim = await claimNotice(pool, sequence, claimMs);
    if (claim === null) return;
    const isLate = performance.now() - claimedAt > latestSendMs;
    const posted: Posted = isLate
      ? { kind: 'unsent', error: 'the claim was too old' }
      : await postNotice({ id, payload, ...receiver });
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
    // Of the header `Retry-After`.
    const askedMs = posted.kind === 'refused' ? (posted.retryAfterMs ?? 0) : 0;
    const delayMs = Math.max(backoffMs(growth, claim.attempt - 1, Math.random()), askedMs);
    const retryAt = await postponeNotice(pool, claim, { delayMs, error, mayHaveArrived });
    if (retryAt !== null) {
      const level = isWorthALine(claim.attempt) ? 'warn' : 'debug';
      log[level]({ ...line, error, retryAt }, 'a notice was not taken; it is tried again');
    } else if (await endNotice(pool, claim, { outcome: 'given_up', error, mayHaveArrived })) {
      log.error({ ...line, error }, 'a notice was given up after three days');
    }
  };
}

/** The 1st, 2nd, 4th, 8th …: days of a receiver that is away are no flood of lines. */
const isWorthALine = (attempt: number): boolean => Number.isInteger(Math.log2(attempt));
