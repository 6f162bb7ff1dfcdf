import { retryAfterMs } from './retry-after';
import { readTokenAnswer } from './token-answer';
import type { RefreshObservation } from './classify';
import type { HttpResult } from './http';

/** What came from a token endpoint: tokens, or what there is to classify. */
export interface TokenSighting {
  observation: RefreshObservation;
  /** Secret. Only where there are tokens. */
  answer?: Record<string, unknown>;
}

export function observe(result: HttpResult): TokenSighting {
  if (result.kind === 'failed') return { observation: result };
  const { status, headers, body } = result;
  const reading = readTokenAnswer(status, body);
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
