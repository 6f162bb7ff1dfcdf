import { isIP } from 'node:net';
import { Client } from 'undici';
import { failureCode, type FailureCode } from './failure-code';
import { retryAfterMs } from './retry-after';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** Gives up, also while connecting. */
  signal: AbortSignal;
  /** Called with the connection open and nothing sent yet; what it throws calls the request off. */
  beforeSend?: (() => void) | undefined;
}

export type HttpResult =
  | {
      kind: 'answered';
      status: number;
      /** From `Retry-After`. */
      retryAfterMs: number | undefined;
      body: Buffer;
    }
  /** No whole answer. `sent`: the server may have seen the request and acted on it. */
  | { kind: 'failed'; code: FailureCode; sent: boolean };

/** Whether a secret may go there: over https, or plain http that stays on this machine (RFC 5735, RFC 4291, RFC 6761). */
export function mayCarrySecrets({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]') {
    return true;
  }
  return isIP(hostname) === 4 && hostname.startsWith('127.');
}

const answerLimitBytes = 256 * 1024;
const connectTimeoutMs = 10_000;

/**
 * One request on a connection of its own, never repeated, no redirects followed. A kept connection
 * could be closed by the server in the moment of sending, and nobody would know whether a refresh
 * token was seen. Never throws.
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
    connect: { timeout: connectTimeoutMs },
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
    let retryAfter: string | string[] | undefined;
    const chunks: Buffer[] = [];
    const { method, body = null } = request;
    const path = url.pathname + url.search;
    client.dispatch(
      { method, path, headers: request.headers, body },
      {
        onRequestStart() {
          calledOff = true;
          request.beforeSend?.();
          calledOff = false;
          sent = true;
        },
        onResponseStart(_controller, statusCode, responseHeaders) {
          status = statusCode;
          retryAfter = responseHeaders['retry-after'];
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          const waitMs =
            typeof retryAfter === 'string' ? retryAfterMs(retryAfter, new Date()) : undefined;
          resolve({ kind: 'answered', status, retryAfterMs: waitMs, body: Buffer.concat(chunks) });
        },
        onResponseError(_controller, error) {
          const code = calledOff ? 'called_off' : failureCode(error, request.signal);
          resolve({ kind: 'failed', code, sent });
        },
      },
    );
  });
}
