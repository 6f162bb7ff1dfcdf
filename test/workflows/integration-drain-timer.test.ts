import fc from 'fast-check';
import type { DrainResult } from '../../activities/drain/next-action';
import { beginDrain, noteDrain, waitMs, wake } from '../../workflows/integration-drain-timer';
import {
  drainIsDue,
  type IntegrationState,
  newIntegrationState,
  noteWebhook,
} from '../../workflows/integration-state';
import type { IntegrationFacts } from '../../workflows/contract/status';

const enabled: IntegrationFacts = {
  ...{ userId: 'user-1', name: 'crm', provider: 'acme', status: 'ENABLED', transition: 0 },
  ...{ since: '2026-01-01T00:00:00.000Z', reason: null, credentials: [], resumeAsked: false },
};
const now = Date.parse('2026-06-01T12:00:00.000Z');

const idle = (): IntegrationState => ({
  ...newIntegrationState('int_1'),
  ...{ facts: enabled, look: false, rang: false },
});

function drained(result: DrainResult, state = idle()): IntegrationState {
  beginDrain(state);
  noteDrain(state, result, now);
  state.look = false;
  return state;
}

describe('what follows a drain', () => {
  test('one that waits holds the queue where there is an order, whatever rings', () => {
    const state = drained({ kind: 'wait', retryAt: 'x', inMs: 60_000, open: false });
    noteWebhook(state);
    expect(drainIsDue(state)).toBe(false);
    expect(waitMs(state, now)).toBe(60_000);
  });

  test('where there is none, what arrives is handled while others wait, and the earliest of them is not forgotten', () => {
    const state = drained({ kind: 'wait', retryAt: 'x', inMs: 60_000, open: true });
    expect(drainIsDue(state)).toBe(false);
    noteWebhook(state);
    expect(drainIsDue(state)).toBe(true);
    drained({ kind: 'wait', retryAt: 'x', inMs: 45_000, open: true }, state);
    expect(waitMs(state, now)).toBe(45_000);
    drained({ kind: 'empty' }, state);
    expect(waitMs(state, now)).toBeUndefined();
  });

  test('a worker whose clock is an hour off makes nothing spin and nothing late', () => {
    const behind = new Date(now - 3_600_000).toISOString();
    expect(waitMs(drained({ kind: 'wait', retryAt: behind, inMs: 20_000, open: false }), now)).toBe(
      20_000,
    );
  });

  test('a drain that was broken off is followed by another one at once, a second one that came to nothing is not', () => {
    const state = drained({ kind: 'more', ended: 0 });
    expect(drainIsDue(state)).toBe(true);
    drained({ kind: 'stopped', ended: 0 }, state);
    noteWebhook(state);
    expect(drainIsDue(state)).toBe(false);
    expect(waitMs(state, now)).toBe(1_000);
    // What a person or new tokens ask for does not wait.
    wake(state);
    expect(drainIsDue(state)).toBe(true);
    drained({ kind: 'more', ended: 1 }, state);
    expect(drainIsDue(state)).toBe(true);
    drained({ kind: 'more', ended: 0 }, state);
    expect(drainIsDue(state)).toBe(true);
  });

  test('whatever drains answer, an hour has few that come to nothing', () => {
    const fruitless = fc.constantFrom<DrainResult>(
      { kind: 'more', ended: 0 },
      { kind: 'stopped', ended: 0 },
    );
    fc.assert(
      fc.property(fc.array(fruitless, { minLength: 200, maxLength: 200 }), (results) => {
        const state = idle();
        let clock = now;
        let drains = 0;
        for (const result of results) {
          if (clock - now > 3_600_000) break;
          beginDrain(state);
          noteDrain(state, result, clock);
          drains++;
          state.look = false;
          if (!drainIsDue(state)) clock += waitMs(state, clock) ?? 0;
        }
        expect(drains).toBeLessThan(80);
      }),
      { numRuns: 20 },
    );
  });
});
