import type { DrainAnswer } from '../activities/drain/next-action';
import type { IntegrationState } from './integration-state';
import { backoffMs } from './rules';

/** Shortest timer: waking costs history events. */
const shortestMs = 250;
/** Longest timer: an idle actor wakes now and then rather than trusting a date far away. */
const idleMs = 24 * 60 * 60 * 1000;
/** The pauses between drains that come to nothing. */
const growth = { firstMs: shortestMs, longestMs: 60_000 };

/** How long the drain may sleep unless a signal comes and wakes it earlier. */
export function waitMs(state: IntegrationState, now: number): number | undefined {
  if (state.drainRetryAt === null || state.facts?.status !== 'ENABLED') return undefined;
  return Math.min(Math.max(shortestMs, state.drainRetryAt - now), idleMs);
}

/** Makes the next drain due, whatever it waited for. */
export function wake(state: IntegrationState): void {
  state.rang = true;
  state.drainRetryAt = null;
}

/** What is signalled or comes from now on is not for the drain that is scheduled. */
export function beginDrain(state: IntegrationState): void {
  Object.assign(state, { rang: false, renewed: false, drainRetryAt: null });
}

/** What a drain found. A signal that came while it ran stays: its row may have been committed too late. */
export function noteDrain(state: IntegrationState, result: DrainAnswer, now: number): void {
  noteDestination(state, result);
  const { count } = result;
  // Of one that found nothing only where the one before left something.
  const isNews = (state.lastDrain?.left ?? 0) > 0;
  if (count !== undefined && (isNews || count.delivered + count.left > 0))
    state.lastDrain = { ...count, at: new Date(now).toISOString() };
  switch (result.kind) {
    case 'empty':
    case 'held':
      state.fruitless = 0;
      return;
    case 'more':
      goOn(state, result.ended, now);
      return;
    case 'wait':
      state.fruitless = 0;
      if (state.renewed) wake(state);
      else pauseUntil(state, now + result.inMs, result.open);
      return;
    case 'stopped':
      // The rows say that nothing may be handled: look at them, and drain again if that has passed.
      state.look = true;
      goOn(state, result.ended, now);
      return;
  }
}

/** An inbox that is empty, of which the drain says nothing more, has nothing that fails. */
function noteDestination({ facts }: IntegrationState, { kind, failing }: DrainAnswer): void {
  if (facts !== null && (failing !== undefined || kind === 'empty'))
    facts.failing = failing ?? null;
}

/**
 * Drains again at once; but a second drain in a row that ended nothing, though nothing had to wait, is followed by a
 * pause, and each further one by a longer one. Whatever makes it so, a history must not grow by it without end.
 */
function goOn(state: IntegrationState, ended: number, now: number): void {
  state.fruitless = ended === 0 ? state.fruitless + 1 : 0;
  if (state.fruitless < 2) wake(state);
  else pauseUntil(state, now + backoffMs(growth, state.fruitless), false);
}

function pauseUntil(state: IntegrationState, at: number, open: boolean): void {
  state.drainRetryAt = at;
  state.drainOpen = open;
}
