import type { PersonStatus } from './person-status.js';
import { parsePersonStatus } from './person-status.js';
import { retryAfterMs } from './status-backoff.js';
import { createEventParser } from './server-sent-events.js';

/** Whose status, and as whom. */
export interface Asked {
  /** The gateway's, without a slash at its end. */
  baseUrl: string;
  userId: string;
  /** The bearer; without one the cookie goes along, to the page's own origin only. */
  token?: (() => string | null) | undefined;
}

/**
 * How a request ended.
 * - `unauthorized`: 401; `refused`: this will not be answered to this person, whenever it is asked
 * - `unstreamable`: there may be an answer, but not as a stream
 * - `ended`: a stream that had worked is over; `silent`: it brought nothing any more, not even a heartbeat
 */
export interface Ending {
  why:
    'answered' | 'unauthorized' | 'refused' | 'unreachable' | 'unstreamable' | 'ended' | 'silent';
  /** How long the gateway wants to be left alone, in ms. */
  askedMs: number | null;
}

/** Follows the event stream until it ends. Never throws; an abort is `unreachable`. */
export async function readStream(
  asked: Asked,
  signal: AbortSignal,
  on: { status: (status: PersonStatus) => void; bytes: () => void },
): Promise<Ending> {
  const path = `/api/users/${encodeURIComponent(asked.userId)}/events`;
  let isFollowed = false;
  let askedMs: number | null = null;
  try {
    const response = await request(asked, path, 'text/event-stream', signal);
    const refusal = refusalOf(response);
    // Too many streams of this person are open: what they carry can be had without.
    if (response.status === 429) return { why: 'unstreamable', askedMs: null };
    if (refusal !== null) return refusal;
    const type = response.headers.get('content-type') ?? '';
    if (response.body === null || !type.startsWith('text/event-stream')) {
      await response.body?.cancel();
      return { why: 'unstreamable', askedMs: null };
    }
    const parser = createEventParser();
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      on.bytes();
      for (const event of parser.push(part.value)) {
        if (event.type !== 'status') continue;
        const status = statusIn(response, event.data);
        if (status === null) {
          await reader.cancel();
          return { why: 'unreachable', askedMs };
        }
        isFollowed = true;
        on.status(status);
      }
      askedMs = parser.retryMs();
    }
  } catch {
    // Cut, aborted, or refused by the browser, which doesn't say why.
  }
  return { why: isFollowed ? 'ended' : 'unreachable', askedMs };
}

/** Asks once. Never throws. */
export async function askStatus(
  asked: Asked,
  signal: AbortSignal,
  onStatus: (status: PersonStatus) => void,
): Promise<Ending> {
  const path = `/api/connectors/${encodeURIComponent(asked.userId)}/status`;
  try {
    const response = await request(asked, path, 'application/json', signal);
    const refusal = refusalOf(response);
    if (refusal !== null) return refusal;
    const status = statusIn(response, await response.text());
    if (status === null) return { why: 'unreachable', askedMs: null };
    onStatus(status);
    return { why: 'answered', askedMs: null };
  } catch {
    return { why: 'unreachable', askedMs: null };
  }
}

function request(
  { baseUrl, token }: Asked,
  path: string,
  accept: string,
  signal: AbortSignal,
): Promise<Response> {
  const bearer = token?.() ?? null;
  return fetch(baseUrl + path, {
    headers: { accept, ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }) },
    credentials: bearer === null ? 'same-origin' : 'omit',
    // A bearer must not be carried on to wherever a proxy's sign-in page is.
    redirect: 'error',
    signal,
  });
}

function statusIn({ headers }: Response, text: string): PersonStatus | null {
  const status = parsePersonStatus(text);
  const isReadOnly = headers.get('holdfast-scope') === 'read';
  return status !== null && isReadOnly ? { ...status, isReadOnly } : status;
}

/** @returns null where the answer is what was asked for */
function refusalOf({ status, ok, headers }: Response): Ending | null {
  if (ok) return null;
  if (status === 401) return { why: 'unauthorized', askedMs: null };
  if (status === 400 || status === 403) return { why: 'refused', askedMs: null };
  return {
    why: 'unreachable',
    askedMs: retryAfterMs(headers.get('retry-after'), Date.now()),
  };
}
