import type { DestinationNews } from '../../src/db/queries/deliveries/failing-destinations';
import { destinationOrigin } from '../../src/deliveries/destination-origin';
import type { DrainStep } from '../../src/db/queries/deliveries/lease';
import type { AttemptResult } from '../../src/handlers/attempt-result';
import type { FailingDestination } from '../../workflows/contract/status';

/**
 * What an attempt says of where deliveries go; the only place that decides it. What is worth another try is the destination's
 * fault: no connection, no answer in time, 408, 429, 5xx, and whatever a handler throws or is too slow for. An answer that
 * sets one delivery aside (another 4xx, a handler's `PermanentError`) is an answer like a success. Tokens, holds, and what was
 * never sent say nothing.
 */
export function verdictOf(handler: string, result: AttemptResult): 'fails' | 'answers' | null {
  switch (result.kind) {
    case 'handled':
      return 'answers';
    case 'retry':
      return 'fails';
    case 'failed':
      return handler === 'forward' && result.status === null ? null : 'answers';
    case 'credential_dead':
    case 'refresh_unavailable':
    case 'aborted':
      return null;
  }
}

/** What a drain knows of its destination. Only who has the lease writes of it, and so a healthy one costs nothing. */
export interface DestinationHealth {
  /** What has to be written with an attempt's mark. */
  newsOf(step: DrainStep, result: AttemptResult): DestinationNews | null;
  /** It was written. */
  note(news: DestinationNews | null, failing: FailingDestination | null): void;
  /** For the actor: null where it fails no longer; nothing where it never did. */
  report(): { failing?: FailingDestination | null };
}

/** @param failing what was known at the drain's beginning */
export function createDestinationHealth(failing: FailingDestination | null): DestinationHealth {
  let known = failing;
  let everFailed = failing !== null;
  return {
    newsOf: (step, result) => {
      const kind = verdictOf(step.handler, result);
      if (kind === 'answers') return known === null ? null : { kind };
      const origin = kind === null ? null : destinationOrigin(step);
      return kind === null || origin === null ? null : { kind, origin };
    },
    note: (news, now) => {
      if (news === null) return;
      known = now;
      everFailed ||= now !== null;
    },
    report: () => (everFailed ? { failing: known } : {}),
  };
}
