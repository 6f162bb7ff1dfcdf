import fc from 'fast-check';
import { type Action, nextAction, type Spread, spreadLate } from '../../workflows/credential-state';
import type { CredentialRow } from '../../workflows/contract/status';

const now = Date.parse('2026-11-08T08:49:37Z');
const minute = 60_000;
const iso = (ms: number) => new Date(ms).toISOString();

const alive: CredentialRow = {
  provider: 'acme',
  version: 1,
  state: 'alive',
  code: null,
  expiresAt: null,
  refreshAt: null,
  retryAt: null,
  probeAt: null,
  noticeAt: null,
};

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const kinds = fc.constantFrom<Action['kind']>('refresh', 'probe');

describe('the next thing that a credential does by the clock', () => {
  it.each<[string, Partial<CredentialRow> | null, Action | null]>([
    ['nothing before its row was read', null, null],
    ['nothing where nothing is due', {}, null],
    ['its refresh', { refreshAt: iso(now) }, { kind: 'refresh', at: now }],
    [
      'a retry, however soon the refresh was due',
      { refreshAt: iso(now), retryAt: iso(now + minute) },
      { kind: 'refresh', at: now + minute },
    ],
    ['its probe', { probeAt: iso(now) }, { kind: 'probe', at: now }],
    [
      'no probe while a refresh is to be tried again',
      { probeAt: iso(now), retryAt: iso(now + minute) },
      { kind: 'refresh', at: now + minute },
    ],
    [
      'the earliest of all',
      { refreshAt: iso(now + 3), probeAt: iso(now + 2), noticeAt: iso(now + 1) },
      { kind: 'notice', at: now + 1 },
    ],
    ['nothing once it is dead', { state: 'dead', refreshAt: iso(now) }, null],
    ['nothing before it was connected', { state: 'missing', refreshAt: iso(now) }, null],
  ])('is %s', (_what, facts, action) => {
    expect(nextAction(facts === null ? null : { ...alive, ...facts })).toEqual(action);
  });
});

describe('S39 what is late by more than a minute', () => {
  it('waits a part of what it is late by, at most five minutes', () => {
    fc.assert(
      fc.property(kinds, fc.integer({ min: 60_001, max: 90 * 24 * 60 * minute }), unit, (...it) => {
        const [kind, lateMs, random] = it;
        const spread = spreadLate({ kind, at: now - lateMs }, null, now, random);
        expect(spread).toMatchObject({ kind, meant: now - lateMs });
        const waitMs = (spread?.at ?? NaN) - now;
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(Math.min(lateMs, 5 * minute));
      }),
    );
  });

  it.each([
    [0, 0],
    [0.25, 75_000],
    [1, 300_000],
  ])('is spread evenly: %d of the way is %d ms', (random, waitMs) => {
    const spread = spreadLate({ kind: 'refresh', at: now - 60 * minute }, null, now, random);
    expect(spread?.at).toBe(now + waitMs);
  });

  it('is moved once only: it acts when that time has come, however late it is then', () => {
    fc.assert(
      fc.property(kinds, fc.integer({ min: 60_001, max: 10_000_000 }), unit, unit, (...it) => {
        const [kind, lateMs, random, again] = it;
        const at = now - lateMs;
        const spread = spreadLate({ kind, at }, null, now, random);
        const facts = { ...alive, [kind === 'refresh' ? 'refreshAt' : 'probeAt']: iso(at) };
        const action = nextAction(facts, spread);
        expect(action).toEqual({ kind, at: spread?.at });
        if (action === null) return;
        for (const later of [action.at, action.at + 10 * minute]) {
          expect(spreadLate(action, spread, later, again)).toBeNull();
        }
      }),
    );
  });

  it('is moved anew where it is another time that was missed', () => {
    const missed = now - 10 * minute;
    const old: Spread = { kind: 'refresh', meant: missed - 1, at: missed + 1 };
    const facts = { ...alive, refreshAt: iso(missed) };
    const action = nextAction(facts, old);
    expect(action).toEqual({ kind: 'refresh', at: missed });
    expect(spreadLate({ kind: 'refresh', at: missed }, old, now, 0.5)).toMatchObject({
      ...{ meant: missed, at: now + 2.5 * minute },
    });
  });

  it('never keeps another kind of action back', () => {
    const spread: Spread = { kind: 'refresh', meant: now - 10 * minute, at: now + minute };
    const facts = { ...alive, refreshAt: iso(now - 10 * minute), probeAt: iso(now - 1) };
    expect(nextAction(facts, spread)).toEqual({ kind: 'probe', at: now - 1 });
  });
});

it.each<[string, Action]>([
  ['is not late yet', { kind: 'refresh', at: now + 1 }],
  ['is due now', { kind: 'refresh', at: now }],
  ['is late by jitter', { kind: 'refresh', at: now - minute }],
  ['is a notice, however late', { kind: 'notice', at: now - 600 * minute }],
])('acts at once where it %s', (_what, action) => {
  expect(spreadLate(action, null, now, 1)).toBeNull();
});
