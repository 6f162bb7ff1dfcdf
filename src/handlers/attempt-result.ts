import { retryAfterMs } from '../lib/http/retry-after';
import type { DeathCode } from '../../workflows/contract/status';

/** What a destination answered; null for both where there was no answer. */
interface Answered {
  /** HTTP status. */
  status: number | null;
  /** The beginning of the answer's body. */
  answer: string | null;
}

/** What became of one attempt to handle a delivery. Errors are sentences without secrets. */
export type HandlerResult =
  | ({ kind: 'handled' } & Answered)
  /** To be tried again after a while. */
  | ({ kind: 'retry'; error: string; retryAfterMs: number | null } & Answered)
  /** To be set aside at once. */
  | ({ kind: 'failed'; error: string } & Answered)
  /** The drain stops, the delivery stays where it is. */
  | { kind: 'credential_dead'; error: string; credential: string; version: number; code: DeathCode }
  /** It waits for another version of the credential, or until then (RFC 3339); null where it isn't known. */
  | {
      kind: 'refresh_unavailable';
      error: string;
      credential: string;
      version: number | null;
      retryAt: string | null;
    }
  /** Called off from outside (the lease or the process ends); it may have been sent already. */
  | { kind: 'aborted' };

/** What a destination may say beside it: that the provider refused the token (424). */
export type ForwardResult = HandlerResult | ({ kind: 'token_refused'; error: string } & Answered);

export interface DestinationAnswer {
  status: number;
  /** The header `Retry-After`. */
  retryAfter: string | undefined;
  /** The beginning of the body, storable. */
  answer: string;
}

/** What a destination's answer means (contract, "Forwarding"). Pure. */
export function classifyAnswer(from: DestinationAnswer, now: Date): ForwardResult {
  const { status, answer } = from;
  const isRedirect = status >= 300 && status < 400;
  const error = `The destination answered ${status}${isRedirect ? ': redirects are not followed' : ''}`;
  if (status >= 200 && status < 300) return { kind: 'handled', status, answer };
  if (status === 424) return { kind: 'token_refused', error, status, answer };
  if (status === 408 || status === 429 || status >= 500) {
    const waitMs = retryAfterMs(from.retryAfter, now) ?? null;
    return { kind: 'retry', error, retryAfterMs: waitMs, status, answer };
  }
  return { kind: 'failed', error, status, answer };
}

/** No answer: worth another try. */
export function unanswered(error: string): HandlerResult {
  return { kind: 'retry', error, retryAfterMs: null, status: null, answer: null };
}

/** Another try would end the same way. */
export function hopeless(error: string): HandlerResult {
  return { kind: 'failed', error, status: null, answer: null };
}
