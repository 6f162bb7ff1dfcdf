import { retryAfterMs } from '../lib/http/retry-after';
import { readTokenAnswer } from './token-response';
import type { RefreshObservation } from './classify-refresh';
import type { HttpResult } from '../lib/http/send-once';

/** What came from a token endpoint: tokens, or what there is to classify. */
export interface TokenSighting {
  observation: RefreshObservation;
  /** Secret. Only where there are tokens. */
  answer?: Record<string, unknown>;
}

/** @param errorPointer where an error stands if not in `error` */
export function observe(result: HttpResult, errorPointer?: string): TokenSighting {
  if (result.kind === 'failed') return { observation: result };
  const { status, headers, body } = result;
  const reading = readTokenAnswer(status, body, errorPointer);
  const header = headers['retry-after'];
  const wait = retryAfterMs(typeof header === 'string' ? header : undefined, new Date());
  return {
    observation: {
      kind: 'answered',
      status,
      ...(reading.kind === 'error' ? { error: reading.code } : {}),
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
    },
    ...(reading.kind === 'tokens' ? { answer: reading.answer } : {}),
  };
}
