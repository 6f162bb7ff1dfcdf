import { isIP } from 'node:net';
import { Client } from 'undici';
import { decompress, isTooLarge } from './decompress';
import { failureCode, type FailureCode } from './failure-code';
import type { GuardedConnector } from './guarded';
import { passingInterimAnswers } from './interim-answers';
import { retryAfterMs } from './retry-after';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** Says where it may go: an address is often not ours but a tenant's or a provider's word. */
  connect: GuardedConnector;
  /** Gives up, also while connecting. */
  signal: AbortSignal;
  /** Called with the connection open and nothing sent yet; what it throws calls the request off. */
  beforeSend?: (() => void) | undefined;
}

/** By their names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

export type HttpResult =
  | {
      kind: 'answered';
      status: number;
      /** From `Retry-After`. */
      retryAfterMs: number | undefined;
      headers: AnswerHeaders;
      /** Unpacked where it can be, without a byte order mark. */
      body: Buffer;
    }
  /** No whole answer. `sent`: the server may have seen the request and acted on it. */
  | { kind: 'failed'; code: FailureCode; sent: boolean };

/** Whether a secret may go there: over https, or plain http that stays on this machine (RFC 5735, RFC 4291, RFC 6761). */
export function mayCarrySecrets({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/** A name or an address of this machine, as `URL` writes it. */
export function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]') {
    return true;
  }
  return isIP(hostname) === 4 && hostname.startsWith('127.');
}

/** As sent, and again unpacked. */
const answerLimitBytes = 256 * 1024;

/**
 * One request on a connection of its own, never repeated, no redirects followed. A kept connection
 * could be closed by the server in the moment of sending, and nobody would know whether a refresh
 * token was seen. Asks for an answer that isn't compressed, and reads one that is. Never throws.
 */
export async function sendOnce(request: HttpRequest): Promise<HttpResult> {
  const url = new URL(request.url);
  if (!mayCarrySecrets(url)) {
    return { kind: 'failed', code: 'insecure_address', sent: false };
  }
  const client = new Client(url.origin, {
    pipelining: 0,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: answerLimitBytes,
    connect: passingInterimAnswers(request.connect),
  });
  const giveUp = () => void client.destroy(new Error('The request was given up.'));
  request.signal.addEventListener('abort', giveUp, { once: true });
  try {
    if (request.signal.aborted) giveUp();
    return await dispatch(client, url, request);
  } finally {
    request.signal.removeEventListener('abort', giveUp);
    void client.destroy();
  }
}

function dispatch(client: Client, url: URL, request: HttpRequest): Promise<HttpResult> {
  return new Promise((resolve) => {
    let sent = false;
    let calledOff = false;
    let status = 0;
    let answerHeaders: AnswerHeaders = {};
    const chunks: Buffer[] = [];
    const { method, body = null } = request;
    const path = url.pathname + url.search;
    client.dispatch(
      { method, path, headers: { 'accept-encoding': 'identity', ...request.headers }, body },
      {
        onRequestStart() {
          calledOff = true;
          request.beforeSend?.();
          calledOff = false;
          sent = true;
        },
        onResponseStart(_controller, statusCode, responseHeaders) {
          status = statusCode;
          answerHeaders = responseHeaders;
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          resolve(answered(status, answerHeaders, Buffer.concat(chunks)));
        },
        onResponseError(_controller, error) {
          const code = calledOff ? 'called_off' : failureCode(error, request.signal);
          resolve({ kind: 'failed', code, sent });
        },
      },
    );
  });
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

function answered(status: number, headers: AnswerHeaders, bytes: Buffer): HttpResult {
  const encoding = headers['content-encoding'];
  const retryAfter = headers['retry-after'];
  let body = bytes;
  try {
    body = decompress(bytes, Array.isArray(encoding) ? encoding.join() : encoding, {
      maxOutputLength: answerLimitBytes,
    });
  } catch (error) {
    // What can't be unpacked was answered all the same: its status and `Retry-After` count.
    if (isTooLarge(error)) return { kind: 'failed', code: 'answer_too_large', sent: true };
  }
  const hasMark = body.subarray(0, byteOrderMark.length).equals(byteOrderMark);
  return {
    kind: 'answered',
    status,
    retryAfterMs: typeof retryAfter === 'string' ? retryAfterMs(retryAfter, new Date()) : undefined,
    headers,
    body: hasMark ? body.subarray(byteOrderMark.length) : body,
  };
}
