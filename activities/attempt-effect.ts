import type { HandlerResult } from '../src/handlers/outcome';
import { isExhausted, nextDelayMs } from '../src/handlers/retry-delays';

/** What becomes of a delivery after an attempt. */
export interface MarkEffect {
  kind: 'mark';
  state: 'handled' | 'failed' | 'pending';
  /** Whether it counts: waiting for a token is not the delivery's fault. */
  counts: boolean;
  /** The HTTP status of the answer. */
  status: number | null;
  error: string | null;
  answer: string | null;
  /** Milliseconds until it is tried again; null where it isn't. */
  delayMs: number | null;
  /** The credential, by its name, that has to get past this version; null: past the one it had. */
  waitsFor: { credential: string; version: number | null } | null;
}

export type AttemptEffect =
  | MarkEffect
  /** It stays where it was; the drain ends. */
  | { kind: 'stop'; why: 'credential_dead' | 'aborted' };

const unknownRetryMs = 5_000;

const blank: MarkEffect = {
  kind: 'mark',
  state: 'pending',
  counts: true,
  status: null,
  error: null,
  answer: null,
  delayMs: null,
  waitsFor: null,
};

/**
 * @param attempt the one that ended, from 1
 * @param now Unix milliseconds
 */
export function attemptEffect(
  result: HandlerResult,
  attempt: number,
  now: number,
  random: () => number,
): AttemptEffect {
  switch (result.kind) {
    case 'handled':
      return { ...blank, state: 'handled', ...answerOf(result) };
    case 'failed':
      return { ...blank, state: 'failed', ...answerOf(result), error: result.error };
    case 'retry': {
      const { error } = result;
      if (isExhausted(attempt)) return { ...blank, state: 'failed', ...answerOf(result), error };
      const delayMs = nextDelayMs(attempt, result.retryAfterMs, random);
      return { ...blank, ...answerOf(result), error, delayMs };
    }
    case 'refresh_unavailable': {
      const at = result.retryAt === null ? now + unknownRetryMs : Date.parse(result.retryAt);
      return waiting(result.error, Math.max(1_000, at - now), {
        credential: result.credential,
        version: result.version,
      });
    }
    case 'credential_dead':
    case 'aborted':
      return { kind: 'stop', why: result.kind };
  }
}

const answerOf = ({ status, answer }: { status: number | null; answer: string | null }) => ({
  status,
  answer,
});

const waiting = (error: string, delayMs: number, waitsFor: MarkEffect['waitsFor']): MarkEffect => ({
  ...blank,
  counts: false,
  error,
  delayMs,
  waitsFor,
});
