import type { Handling } from '../../src/deliveries/handling';
import type { AttemptResult } from '../../src/handlers/attempt-result';
import { type FailedAttempt, retryDelayMs } from '../../src/deliveries/policy';

/** The delivery is marked. */
export interface MarkOutcome {
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

/** What becomes of a delivery after an attempt. */
export type AttemptOutcome =
  | MarkOutcome
  /** It stays where it was; the drain ends. */
  | { kind: 'stop'; why: 'credential_dead' | 'aborted' };

const unknownRetryMs = 5_000;
/** More than any provider asks for; what is longer fits in no column. */
const longestWaitMs = 86_400_000;

const blank: MarkOutcome = {
  kind: 'mark',
  state: 'pending',
  counts: true,
  status: null,
  error: null,
  answer: null,
  delayMs: null,
  waitsFor: null,
};

/** @param now Unix milliseconds */
export function attemptOutcome(
  result: AttemptResult,
  ended: Omit<FailedAttempt, 'retryAfterMs'>,
  handling: Handling,
  delaysMs: readonly number[],
  now: number,
  random: () => number,
): AttemptOutcome {
  switch (result.kind) {
    case 'handled':
      return { ...blank, state: 'handled', ...answerOf(result) };
    case 'failed':
      return { ...blank, state: 'failed', ...answerOf(result), error: result.error };
    case 'retry': {
      const { error, retryAfterMs } = result;
      const delayMs = retryDelayMs({ ...ended, retryAfterMs }, handling, delaysMs, random);
      const state = delayMs === null ? 'failed' : 'pending';
      return { ...blank, state, ...answerOf(result), error, delayMs };
    }
    case 'refresh_unavailable': {
      const at = result.retryAt === null ? now + unknownRetryMs : Date.parse(result.retryAt);
      return waitingForToken(result.error, Math.min(Math.max(1_000, at - now), longestWaitMs), {
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

const waitingForToken = (
  error: string,
  delayMs: number,
  waitsFor: MarkOutcome['waitsFor'],
): MarkOutcome => ({
  ...blank,
  counts: false,
  error,
  delayMs,
  waitsFor,
});
