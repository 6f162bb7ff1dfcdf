import type { CredentialFacts } from '../activities/credential/inspect';
import type { CredentialView, RefreshAnswer, RefreshRequest } from './contract/messages';
import { isVersion } from './contract/ids';
import { type Action, nextAction, type Spread, spreadLate } from './credential-schedule';

/** What a credential's actor knows: plain JSON, all of it crosses continue-as-new. */
export interface CredentialActorState {
  id: string;
  /** The row as it was last read or written; null until it was read for the first time. */
  facts: CredentialFacts | null;
  gone: boolean;
  /** The row has to be read again. */
  look: boolean;
  /**
   * What was found late, of each kind: with one place for both, a refresh and a probe that are late would put each
   * other off for ever.
   */
  spreads: Partial<Record<Action['kind'], Spread>>;
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
  return kept;
}

/** Shortest timer: with clocks apart, a time that has come here may not have come in Postgres. */
const shortestMs = 1_000;
/** Longest timer: `refreshAt` may be months away. */
const longestMs = 24 * 60 * 60 * 1000;

/** When the actor acts by itself next, Unix milliseconds. */
export function nextActionAt(state: CredentialActorState): number | null {
  return next(state)?.at ?? null;
}

const next = ({ facts, spreads }: CredentialActorState): Action | null =>
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

/** @returns when a due action is done instead, where it is found late; null where it may be done now */
export function findLate(
  { spreads }: CredentialActorState,
  due: Action,
  now: number,
  random: number,
): Spread | null {
  return spreadLate(due, spreads[due.kind], now, random);
}

export function putOff(state: CredentialActorState, later: Spread): void {
  state.spreads = { ...state.spreads, [later.kind]: later };
}

/** Whether the caller holds newer tokens than the actor knows of: then it knows nothing about them. */
export function isOutdone(
  { version }: CredentialFacts,
  { rejectedVersion }: RefreshRequest,
): boolean {
  return rejectedVersion !== undefined && rejectedVersion > version;
}

/**
 * What a caller can be told at once: that the version it holds is outdated, or that the provider is not
 * asked again yet. Null where the provider has to be asked.
 */
export function answerAtOnce(
  facts: CredentialFacts,
  { rejectedVersion }: RefreshRequest,
  now: number,
): RefreshAnswer | null {
  const { version, expiresAt, state, retryAt, code } = facts;
  const usable = state === 'alive' || state === 'degraded';
  if (usable && rejectedVersion !== undefined && rejectedVersion < version) {
    return { kind: 'alive', version, expiresAt };
  }
  if (usable && retryAt !== null && Date.parse(retryAt) > now) {
    return { kind: 'unavailable', version, code: code ?? 'backing_off', retryAt };
  }
  return null;
}

/** Markdown for the Temporal UI. */
export function describe(facts: CredentialFacts): string {
  const { provider, state, code, version, expiresAt, refreshAt, retryAt } = facts;
  const cause = code === null ? '' : ` (\`${code}\`)`;
  const next = retryAt === null ? `refreshed at ${refreshAt ?? '–'}` : `tried again at ${retryAt}`;
  return `**${state}**${cause}: ${provider}, version ${version}, expires ${expiresAt ?? '–'}, ${next}`;
}

export function viewOf(state: CredentialActorState, facts: CredentialFacts): CredentialView {
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
