import { request } from 'undici';
import { signStandardWebhook } from '../../src/webhooks/signature';
import { messageOf } from '../../src/lib/errors';
import { retryAfterMs } from '../../src/lib/http/retry-after';
import { storedText } from '../../src/lib/storable-text';

const timeoutMs = 8_000;
/** The answer's body is nobody's business; a short one is read so that the receiver isn't cut off. */
const bodyMs = 1_000;

export interface Post {
  id: string;
  payload: string;
  url: string;
  /** `whsec_…` */
  secret: string;
}

/** What came of one attempt. Errors are without the receiver's words. */
export type Posted =
  | { kind: 'taken'; status: number }
  /** It said no. `isFinal`: and wants to hear no more of it (410). */
  | { kind: 'refused'; error: string; isFinal: boolean; retryAfterMs: number | undefined }
  /** It can't have arrived. */
  | { kind: 'unsent'; error: string }
  /** It may have arrived all the same. */
  | { kind: 'unanswered'; error: string };

/** Posts a notice, signed as Standard Webhooks; its id is the same at every attempt. */
export async function postNotice({ id, payload, url, secret }: Post): Promise<Posted> {
  const body = Buffer.from(payload);
  try {
    const answer = await request(url, {
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
