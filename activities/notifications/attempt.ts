import { request } from 'undici';
import {
  endNotification,
  postponeNotification,
  type WaitingNotification,
} from '../../src/db/queries/notifications/outbox';
import { messageOf } from '../../src/lib/errors';
import { sharedAgent } from '../../src/lib/http/interim-answers';
import { retryAfterMs } from '../../src/lib/http/retry-after';
import type { Logger } from '../../src/lib/log';
import type { WorkerMetrics } from '../../src/metrics/worker';
import { storedText } from '../../src/lib/storable-text';
import { signStandardWebhook } from '../../src/webhooks/signature';
import { backoffMs } from '../../workflows/rules';
import { claimWithCode, type CodeDeps } from './reconnect-code';

/** An attempt has the notification to itself for so long; it ends before, whatever becomes of this process. */
const claimMs = 12_000;
/** The latest moment, after the claim, at which it may leave the process. */
const latestSendMs = 2_000;
const growth = { firstMs: 2_000, longestMs: 10 * 60_000, jitter: 0.2 };

/** Where notifications go. */
interface Receiver {
  url: string;
  /** `whsec_…` */
  secret: string;
}

export type NotificationMetrics = Pick<
  WorkerMetrics,
  'notificationAttempted' | 'notificationGivenUp'
>;

/** Tries the oldest notification of a stream once, and writes what came of it; nothing where another attempt has it. */
export async function attemptNotification(
  deps: CodeDeps & { log: Logger; metrics?: NotificationMetrics | undefined },
  stream: string,
  notification: WaitingNotification,
  receiver: Receiver,
): Promise<void> {
  const { pool, log, metrics } = deps;
  const { id, type, ageSeconds } = notification;
  const claimedAt = performance.now();
  const begun = await claimWithCode(deps, notification, claimMs);
  if (begun === null) return;
  const { claim, payload } = begun;
  const isLate = performance.now() - claimedAt > latestSendMs;
  const posted: Posted = isLate
    ? { kind: 'unsent', error: 'the claim was too old' }
    : await postNotification({ id, payload }, receiver);
  metrics?.notificationAttempted(type, posted.kind === 'taken' ? 'delivered' : posted.kind);
  const line = { stream, notice: id, type, attempt: claim.attempt, ageSeconds };
  if (posted.kind === 'taken') {
    const end = { outcome: 'delivered', error: null, mayHaveArrived: false } as const;
    const isMine = await endNotification(pool, claim, end);
    if (isMine)
      log.info(
        { event: 'notification.delivered', ...line, status: posted.status },
        'A notification was delivered',
      );
    return;
  }
  const { error } = posted;
  const mayHaveArrived = posted.kind === 'unanswered';
  if (posted.kind === 'refused' && posted.isFinal) {
    const end = { outcome: 'refused', error, mayHaveArrived } as const;
    if (await endNotification(pool, claim, end)) metrics?.notificationGivenUp(type);
    log.error(
      { event: 'notification.rejected', ...line, error },
      'The receiver rejected a notification for good (410)',
    );
    return;
  }
  // Of the header `Retry-After`.
  const askedMs = posted.kind === 'refused' ? (posted.retryAfterMs ?? 0) : 0;
  const delayMs = Math.max(backoffMs(growth, claim.attempt - 1, Math.random()), askedMs);
  const retryAt = await postponeNotification(pool, claim, { delayMs, error, mayHaveArrived });
  if (retryAt !== null) {
    log[isWorthALine(claim.attempt) ? 'warn' : 'debug'](
      { event: 'notification.postponed', ...line, error, retryAt },
      'A notification was not taken; it is tried again',
    );
  } else if (await endNotification(pool, claim, { outcome: 'given_up', error, mayHaveArrived })) {
    metrics?.notificationGivenUp(type);
    log.error(
      { event: 'notification.expired', ...line, error },
      'A notification was not delivered for three days',
    );
  }
}

/** The 1st, 2nd, 4th, 8th …: days of a receiver that is away are no flood of lines. */
const isWorthALine = (attempt: number): boolean => Number.isInteger(Math.log2(attempt));

const timeoutMs = 8_000;
/** The answer's body is nobody's business; a short one is read so that the receiver isn't cut off. */
const bodyMs = 1_000;

/** What came of one attempt. Errors are without the receiver's words. */
type Posted =
  | { kind: 'taken'; status: number }
  /** It said no. `isFinal`: and wants to hear no more of it (410). */
  | { kind: 'refused'; error: string; isFinal: boolean; retryAfterMs: number | undefined }
  /** It can't have arrived. */
  | { kind: 'unsent'; error: string }
  /** It may have arrived all the same. */
  | { kind: 'unanswered'; error: string };

/** Posts a notification, signed as Standard Webhooks; its id is the same at every attempt. */
async function postNotification(
  { id, payload }: Pick<WaitingNotification, 'id' | 'payload'>,
  { url, secret }: Receiver,
): Promise<Posted> {
  const body = Buffer.from(payload);
  try {
    const answer = await request(url, {
      dispatcher: sharedAgent(),
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'holdfast',
        ...signStandardWebhook({ id, body, secrets: [secret], now: new Date() }),
      },
      body,
      // A connection that was kept may be closed in this very moment.
      reset: true,
      signal: AbortSignal.timeout(timeoutMs),
    });
    // What it answered counts, however long its body takes.
    await answer.body
      .dump({ limit: 65_536, signal: AbortSignal.timeout(bodyMs) })
      .catch(() => undefined);
    return judge(answer.statusCode, answer.headers['retry-after']);
  } catch (error) {
    return { kind: wasUnsent(error) ? 'unsent' : 'unanswered', error: reasonOf(error) };
  }
}

function judge(status: number, retryAfter: string | string[] | undefined): Posted {
  if (status >= 200 && status < 300) return { kind: 'taken', status };
  const error = `the receiver answered ${status}`;
  // A proxy's word, which doesn't know what the receiver did.
  if (status === 502 || status === 504) return { kind: 'unanswered', error };
  const wait = typeof retryAfter === 'string' ? retryAfterMs(retryAfter, new Date()) : undefined;
  return { kind: 'refused', error, isFinal: status === 410, retryAfterMs: wait };
}

/** Codes of Node and undici for what failed before there was a connection. */
const unsentCodes = [
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  'UND_ERR_CONNECT_TIMEOUT',
];

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

/** Where every address of a name fails, Node gives the first one's code. */
const wasUnsent = (error: unknown): boolean => unsentCodes.includes(codeOf(error));

function reasonOf(error: unknown): string {
  const text = messageOf(error);
  return storedText(text === '' ? codeOf(error) : text, 500);
}
