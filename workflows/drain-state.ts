import type { DrainResult } from '../activities/drain-inbox';
import type { IntegrationState } from './integration-state';

/** Shortest timer: with clocks apart, a time that has come here may not have come in Postgres. */
const shortestMs = 250;
/** Longest timer: an idle actor wakes now and then rather than trusting a date far away. */
const idleMs = 24 * 60 * 60 * 1000;

/** How long the drain may sleep unless something rings; the signals wake it earlier. */
export function waitMs(state: IntegrationState, now: number): number | undefined {
  if (state.drainRetryAt === null || state.facts?.status !== 'ENABLED') return undefined;
  return Math.min(Math.max(shortestMs, state.drainRetryAt - now), idleMs);
}

/** Makes the next drain due, whatever it waited for. */
export function wake(state: IntegrationState): void {
  state.rang = true;
  state.drainRetryAt = null;
}

/** What a drain found. A ring that came while it ran stays: its row may have been committed too late. */
export function noteDrain(state: IntegrationState, result: DrainResult): void {
  switch (result.kind) {
    case 'empty':
    case 'held':
      return;
    case 'more':
      wake(state);
      return;
    case 'wait':
      if (state.renewed) wake(state);
      else state.drainRetryAt = Date.parse(result.retryAt);
      return;
    case 'stopped':
      // The rows say that nothing may be handled: look at them, and drain again if that has passed.
      state.look = true;
      state.rang = true;
      return;
  }
}
