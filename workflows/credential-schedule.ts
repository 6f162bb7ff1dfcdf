import type { CredentialFacts } from '../activities/credential/inspect';

/** What a credential's actor does by the clock. */
export interface Action {
  kind: 'refresh' | 'probe' | 'notice';
  /** Unix milliseconds. */
  at: number;
}

/** An action that was found late, moved so that many don't act at once. */
export interface Spread {
  kind: Action['kind'];
  /** The time that it was meant for. */
  meant: number;
  at: number;
}

/** Late by more than this is no jitter but an outage that has ended. */
const lateMs = 60_000;
/** Over how long the late are spread, at most; who needs a token meanwhile asks for it. */
const longestSpreadMs = 5 * 60_000;

const time = (text: string | null | undefined): number | null =>
  text === null || text === undefined ? null : Date.parse(text);

/**
 * The next thing to do: what is earliest. Null where nothing is.
 *
 * @param spreads at most one of each kind
 */
export function nextAction(
  facts: CredentialFacts | null,
  ...spreads: readonly (Spread | null)[]
): Action | null {
  if (facts === null || facts.state === 'dead' || facts.state === 'missing') return null;
  const meant = [
    { kind: 'refresh' as const, at: time(facts.retryAt ?? facts.refreshAt) },
    // A token that can't be refreshed just now may have ended: the provider isn't asked about it.
    { kind: 'probe' as const, at: facts.retryAt === null ? time(facts.probeAt) : null },
    { kind: 'notice' as const, at: time(facts.noticeAt) },
  ];
  const actions = meant.flatMap(({ kind, at }) => {
    if (at === null || Number.isNaN(at)) return [];
    const spread = spreads.find((one) => one?.kind === kind && one.meant === at);
    return [{ kind, at: Math.max(at, spread?.at ?? at) }];
  });
  return actions.sort((a, b) => a.at - b.at)[0] ?? null;
}

/**
 * After a long outage everything is late at once: each waits a part of what it is late by.
 *
 * @param random from 0 to 1
 * @returns null where it may act now
 */
export function spreadLate(
  action: Action,
  spread: Spread | null | undefined,
  now: number,
  random: number,
): Spread | null {
  const { kind, at } = action;
  const wasSpread = spread?.kind === kind && spread.at === at;
  if (kind === 'notice' || wasSpread || now - at <= lateMs) return null;
  return { kind, meant: at, at: now + random * Math.min(now - at, longestSpreadMs) };
}
