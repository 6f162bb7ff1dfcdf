import { Client } from 'undici';
import { failureCode, type FailureCode } from './failure-code';
import { isLoopback } from './loopback';

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
      headers: Readonly<Record<string, string | string[] | undefined>>;
      body: Buffer;
    }
  /** No whole answer. `sent`: the server may have seen the request and acted on it. */
  | { kind: 'failed'; code: FailureCode; sent: boolean };

const answerLimitBytes = 256 * 1024;
const connectTimeoutMs = 10_000;

/**
 * One request on a connection of its own, never repeated, no redirects followed. A kept connection
 * could be closed by the server in the moment of sending, and nobody would know whether a refresh
 * token was seen. Never throws.
 */
export async function sendOnce(request: HttpRequest): Promise<HttpResult> {
  const url = new URL(request.url);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
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
    let headers: Record<string, string | string[] | undefined> = {};
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
          headers = responseHeaders;
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          resolve({ kind: 'answered', status, headers, body: Buffer.concat(chunks) });
        },
        onResponseError(_controller, error) {
          const code = calledOff ? 'called_off' : failureCode(error, request.signal);
          resolve({ kind: 'failed', code, sent });
        },
      },
    );
  });
}
