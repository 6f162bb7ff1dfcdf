import { isVersion } from './contract/ids';
import type {
  CredentialNews,
  CredentialView,
  RefreshAnswer,
  RefreshRequest,
} from './contract/messages';
import type { CredentialRow } from './contract/status';
import { isUsable } from './rules';

/** What a credential's actor does by the clock. */
export interface Action {
  kind: 'refresh' | 'probe' | 'notice' | 'trial';
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

/** What a credential's actor knows: plain JSON, all of it crosses continue-as-new. */
export interface CredentialActorState {
  id: string;
  /** The row as it was last read or written; null until it was read for the first time. */
  facts: CredentialRow | null;
  gone: boolean;
  /** The row has to be read again. */
  look: boolean;
  /**
   * What was found late, of each kind: with one place for both, a refresh and a probe that are late would put each
   * other off for ever.
   */
  spreads: Partial<Record<Action['kind'], Spread>>;
  /** The search attributes that were last published, to publish changes only. Older runs have published none. */
  published?: string;
  /** Lists show something else than the row says: everything is published again. */
  republish?: boolean;
}

export function newCredentialState(id: string): CredentialActorState {
  return { id, facts: null, gone: false, look: true, spreads: {} };
}

const versionIn = (message: unknown): number | null => {
  if (typeof message !== 'object' || message === null || !('version' in message)) return null;
  return isVersion(message.version) ? message.version : null;
};

/** `stored`. @returns false for junk, which changes nothing */
export function noteStored(state: CredentialActorState, message: unknown): boolean {
  const kept = versionIn(message) !== null;
  state.look ||= kept;
  if (kept && (message as Partial<CredentialNews>).why === 'differs') state.republish = true;
  return kept;
}

/** Late by more than this is no jitter but an outage that has ended. */
const lateMs = 60_000;
/** Over how long the late are spread, at most; who needs a token meanwhile asks for it. */
const longestSpreadMs = 5 * 60_000;

const time = (text: string | null | undefined): number | null =>
  text === null || text === undefined ? null : Date.parse(text);

interface Meant {
  kind: Action['kind'];
  /** Unix milliseconds. */
  at: number | null;
}

const whenAlive = ({ refreshAt, retryAt, probeAt, noticeAt }: CredentialRow): Meant[] => [
  { kind: 'refresh', at: time(retryAt ?? refreshAt) },
  // A token that can't be refreshed just now may have ended: the provider isn't asked about it.
  { kind: 'probe', at: retryAt === null ? time(probeAt) : null },
  { kind: 'notice', at: time(noticeAt) },
];

const whenDead = ({ trialAt }: CredentialRow): Meant[] => [{ kind: 'trial', at: time(trialAt) }];

/**
 * The next thing to do: what is earliest. Null where nothing is.
 *
 * @param spreads at most one of each kind
 */
export function nextAction(
  facts: CredentialRow | null,
  ...spreads: readonly (Spread | null)[]
): Action | null {
  if (facts === null || facts.state === 'missing') return null;
  const meant = facts.state === 'dead' ? whenDead(facts) : whenAlive(facts);
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

/** Shortest timer: with clocks apart, a time that has come here may not have come in Postgres. */
const shortestMs = 1_000;
/** Longest timer: `refreshAt` may be months away. */
const longestMs = 24 * 60 * 60 * 1000;

/** When the actor acts by itself next, Unix milliseconds. */
export function nextActionAt(state: CredentialActorState): number | null {
  return next(state)?.at ?? null;
}

/** What it does by itself next. */
export const next = ({ facts, spreads }: CredentialActorState): Action | null =>
  nextAction(facts, ...Object.values(spreads));

export function waitMs(state: CredentialActorState, now: number): number | undefined {
  const at = nextActionAt(state);
  return at === null ? undefined : Math.min(Math.max(shortestMs, at - now), longestMs);
}

/** What the actor does now by itself, if anything. */
export function dueAction(state: CredentialActorState, now: number): Action | null {
  const action = next(state);
  return action !== null && action.at <= now ? action : null;
}

export function putOff(state: CredentialActorState, later: Spread): void {
  state.spreads = { ...state.spreads, [later.kind]: later };
}

/** Whether the caller holds newer tokens than the actor knows of: then it knows nothing about them. */
export function isOutdone(
  { version }: CredentialRow,
  { rejectedVersion }: RefreshRequest,
): boolean {
  return rejectedVersion !== undefined && rejectedVersion > version;
}

/**
 * What a caller can be told at once: that the version it holds is outdated, or that the provider is not
 * asked again yet. Null where the provider has to be asked.
 */
export function answerAtOnce(
  facts: CredentialRow,
  { rejectedVersion }: RefreshRequest,
  now: number,
): RefreshAnswer | null {
  const { version, expiresAt, state, retryAt, code } = facts;
  const usable = isUsable(state);
  if (usable && rejectedVersion !== undefined && rejectedVersion < version) {
    return { kind: 'alive', version, expiresAt };
  }
  if (usable && retryAt !== null && Date.parse(retryAt) > now) {
    return { kind: 'unavailable', version, code: code ?? 'backing_off', retryAt };
  }
  return null;
}

export function viewOf(state: CredentialActorState, facts: CredentialRow): CredentialView {
  const at = nextActionAt(state);
  return {
    credentialId: state.id,
    provider: facts.provider,
    version: facts.version,
    state: facts.state,
    code: facts.code,
    expiresAt: facts.expiresAt,
    refreshAt: at === null ? null : new Date(at).toISOString(),
  };
}
