import type { Readable } from 'node:stream';
import type { DeathCode } from '../../workflows/contract/status';
import type { TokenError } from '../credentials/token-source';
import { decompress } from '../lib/http/decompress';
import { retryAfterMs } from '../lib/http/retry-after';
import { storedText } from '../lib/storable-text';

/** What a destination answered; null for both where there was no answer. */
interface Answered {
  /** HTTP status. */
  status: number | null;
  /** The beginning of the answer's body. */
  answer: string | null;
}

interface Thrown {
  /** The error is the application's own, frames and all: what it says may be customers' data, and is in no log line. */
  thrown?: true;
}

/** What one attempt to handle a delivery came to. Errors are sentences without secrets. */
export type AttemptResult =
  | ({ kind: 'handled' } & Answered)
  /** To be tried again after a while. */
  | ({ kind: 'retry'; error: string; retryAfterMs: number | null } & Answered & Thrown)
  /** A dead letter at once. */
  | ({ kind: 'failed'; error: string } & Answered & Thrown)
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
  /** Aborted from outside (the lease or the process ends); it may have been sent already. */
  | { kind: 'aborted' };

/** What a destination may say beside it: that the provider rejected the token (424). */
export type ForwardResult = AttemptResult | ({ kind: 'token_rejected'; error: string } & Answered);

interface DestinationAnswer {
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
  if (status === 424) return { kind: 'token_rejected', error, status, answer };
  if (status === 408 || status === 429 || status >= 500) {
    const waitMs = retryAfterMs(from.retryAfter, now) ?? null;
    return { kind: 'retry', error, retryAfterMs: waitMs, status, answer };
  }
  return { kind: 'failed', error, status, answer };
}

/** Whether the error of an attempt says that nobody answers there, or nothing but 5xx; else it was turned down. */
export const isUnanswered = (error: string): boolean =>
  /^The destination (did not answer|could not be reached|answered 5\d\d$)/.test(error);

/** No answer: worth another try. */
export function transientFailure(error: string): AttemptResult & { kind: 'retry' } {
  return { kind: 'retry', error, retryAfterMs: null, status: null, answer: null };
}

/** Another try would end the same way. */
export function permanentFailure(error: string): AttemptResult & { kind: 'failed' } {
  return { kind: 'failed', error, status: null, answer: null };
}

/** What an error about the token means for the delivery that met it: it waits. */
export function tokenResult(error: TokenError): AttemptResult {
  const { message, credential } = error;
  switch (error.name) {
    case 'CredentialDeadError': {
      const { version, code } = error;
      return { kind: 'credential_dead', error: message, credential, version, code };
    }
    case 'RefreshUnavailableError': {
      const { version, retryAt } = error;
      return { kind: 'refresh_unavailable', error: message, credential, version, retryAt };
    }
  }
}

const excerptBytes = 2048;

/** The status is known by then; a destination that dawdles over its body must not hold the queue. */
const excerptTimeoutMs = 2000;

/** The beginning of an answer's body as text; empty where it can't be unpacked. Never throws. */
export async function responseExcerpt(
  body: Readable,
  encoding: string | undefined,
): Promise<string> {
  // It is destroyed below, and an error that nobody listens to ends the process.
  body.on('error', () => undefined);
  const timer = setTimeout(() => body.destroy(), excerptTimeoutMs);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > excerptBytes) break;
    }
  } catch {
    // What came before it broke off is as good as any.
  } finally {
    clearTimeout(timer);
  }
  const bytes = decompressPrefix(Buffer.concat(chunks).subarray(0, excerptBytes), encoding);
  return storedText(bytes.subarray(0, excerptBytes).toString('utf8'), excerptBytes);
}

/** Where little unpacks to more than this, nothing of it is shown. */
const maxOutputLength = 4 * 1024 * 1024;

/**
 * Unpacks the beginning of a body; its end may be missing. Pass a few KB at most: it is done at once.
 * @param encoding the header `Content-Encoding`
 * @returns nothing where it can't be unpacked
 */
export function decompressPrefix(bytes: Buffer, encoding: string | undefined): Buffer {
  try {
    return decompress(bytes, encoding, { maxOutputLength, isPrefix: true });
  } catch {
    // Damaged, a bomb, or packed in an unknown way.
    return Buffer.alloc(0);
  }
}
