import fc from 'fast-check';
import * as actor from '../../workflows/credential-state';
import type { CredentialRow } from '../../workflows/contract/status';

const now = Date.parse('2026-11-08T08:49:37Z');
const minute = 60_000;
const iso = (ms: number) => new Date(ms).toISOString();
const lateBy = fc.integer({ min: 61_000, max: 24 * 60 * minute });

/** An actor after an outage, as its loop goes, until it refreshes; a probe moves its time, as its activity does. */
function loopOf(facts: Pick<CredentialRow, 'refreshAt' | 'probeAt'>, random: () => number) {
  const alive = { provider: 'acme', version: 1, state: 'alive' as const, code: null };
  const never = { expiresAt: null, retryAt: null, noticeAt: null };
  const state = {
    ...actor.newCredentialState('crd_1'),
    facts: { ...alive, ...never, ...facts },
  };
  let at = now;
  let probes = 0;
  for (let turns = 1; turns <= 100; turns++) {
    at += actor.waitMs(state, at) ?? NaN;
    const due = actor.dueAction(state, at);
    if (due === null) continue;
    const later = actor.spreadLate(due, state.spreads[due.kind], at, random());
    if (later !== null) actor.putOff(state, later);
    else if (due.kind === 'refresh') return { waitedMs: at - now, probes, turns };
    else {
      probes++;
      state.facts = { ...state.facts, probeAt: iso(at + 60 * minute) };
    }
  }
  return null;
}

test('S39 a refresh and a probe that are both late are each done within five minutes, in few turns', () => {
  fc.assert(
    fc.property(
      lateBy,
      lateBy,
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      (...it) => {
        const [refreshLate, probeLate, numbers] = it;
        const random = () => Number(numbers.next().value);
        const facts = { refreshAt: iso(now - refreshLate), probeAt: iso(now - probeLate) };
        const end = loopOf(facts, random);
        expect(end?.waitedMs).toBeLessThanOrEqual(5 * minute + 10_000);
        expect(end?.probes).toBeLessThanOrEqual(1);
        expect(end?.turns).toBeLessThanOrEqual(8);
      },
    ),
  );
});
