import type { HandlerResult } from '../src/handlers/outcome';
import { isExhausted, nextDelayMs } from '../src/handlers/retry-delays';

/** What becomes of a delivery after an attempt. */
export type AttemptEffect =
  | {
      kind: 'mark';
      state: 'handled' | 'failed' | 'pending';
      /** Whether it counts: waiting for a token is not the delivery's fault. */
      counts: boolean;
      status: number | null;
      error: string | null;
      answer: string | null;
      /** Milliseconds until it is tried again; null where it isn't. */
      delayMs: number | null;
    }
  /** It stays where it was; the drain ends. */
  | { kind: 'stop'; why: 'credential_dead' | 'aborted' };

/** A credential that is refused though it is fresh is asked for again this much later. */
const refusedDelayMs = 60_000;
const unknownRetryMs = 5_000;

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
    case 'handled': {
      const { status, answer } = result;
      return {
        kind: 'mark',
        state: 'handled',
        counts: true,
        status,
        answer,
        error: null,
        delayMs: null,
      };
    }
    case 'failed': {
      const { status, answer, error } = result;
      return { kind: 'mark', state: 'failed', counts: true, status, answer, error, delayMs: null };
    }
    case 'retry': {
      const { status, answer, error, retryAfterMs } = result;
      const exhausted = isExhausted(attempt);
      const delayMs = exhausted ? null : nextDelayMs(attempt, retryAfterMs, random);
      const state = exhausted ? 'failed' : 'pending';
      return { kind: 'mark', state, counts: true, status, answer, error, delayMs };
    }
    case 'token_refused':
      return waiting(result.error, refusedDelayMs);
    case 'access_refused':
      return waiting(result.error, refusedDelayMs);
    case 'refresh_unavailable': {
      const at = result.retryAt === null ? now + unknownRetryMs : Date.parse(result.retryAt);
      return waiting(result.error, Math.max(1_000, at - now));
    }
    case 'credential_dead':
      return { kind: 'stop', why: 'credential_dead' };
    case 'aborted':
      return { kind: 'stop', why: 'aborted' };
  }
}

const waiting = (error: string, delayMs: number): AttemptEffect => ({
  kind: 'mark',
  state: 'pending',
  counts: false,
  status: null,
  answer: null,
  error,
  delayMs,
});
