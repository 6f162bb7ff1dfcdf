import type { SettleInput } from '../activities/status/settle';
import type { CredentialInvalidated, IntegrationView, Reauthorized } from './contract/messages';
import { isCredentialId, isVersion } from './contract/ids';
import { type DrainCount, type IntegrationFacts, toDeathCode } from './contract/status';
import { healthOf, isUsable } from './rules';

/** What an integration's actor knows: plain JSON, all of it crosses continue-as-new. */
export interface IntegrationState {
  id: string;
  /** The row as it was last read or written; null until it was read for the first time. */
  facts: IntegrationFacts | null;
  /** The row is gone: the actor ends. */
  gone: boolean;
  /** The credentials have to be looked at (again). */
  look: boolean;
  /** What signals asked of the next look. */
  invalidations: CredentialInvalidated[];
  invalidateAll: boolean;
  revivals: string[];
  reviveAll: boolean;
  resume: boolean;
  /** Something may be in the inbox that no drain has seen. */
  rang: boolean;
  /** When the oldest delivery may be tried again, Unix milliseconds. */
  drainRetryAt: number | null;
  /** Only what was tried waits until then: what is signalled may be handled before. */
  drainOpen: boolean;
  /** Drains in a row that made no progress, though nothing had to wait. */
  fruitless: number;
  /** Tokens may have changed since the last drain was scheduled: what waits for one has waited long enough. */
  renewed: boolean;
  ignoredSignals: number;
  /** What to say of a signal that had no effect, until an operator's next one. An older run has none. */
  remark?: string | null;
  /** The search attributes that were last published, to publish changes only. */
  published: string;
  /** Apart, since older processes compare what is in `published`. */
  publishedName?: string;
  /** Lists show something else than the row says: everything is published again. */
  republish?: boolean;
  /** The last drain that did or left anything, and when it ended (RFC 3339), for people. */
  lastDrain?: DrainCount & { at: string };
}

export function newIntegrationState(id: string): IntegrationState {
  return {
    id,
    facts: null,
    gone: false,
    look: true,
    invalidations: [],
    invalidateAll: false,
    revivals: [],
    reviveAll: false,
    resume: false,
    rang: true,
    drainRetryAt: null,
    drainOpen: false,
    fruitless: 0,
    renewed: false,
    ignoredSignals: 0,
    remark: null,
    published: '',
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `holdChanged`. Whatever comes with it, the actor looks. */
export function noteNews(state: IntegrationState, [news]: readonly unknown[]): void {
  state.look = true;
  if (isRecord(news) && news['why'] === 'differs') state.republish = true;
}

/** `webhookReceived`: kept where a drain may follow, counted where none may. */
export function noteWebhook(state: IntegrationState): void {
  if (state.facts !== null && state.facts.status !== 'ENABLED') state.ignoredSignals++;
  else state.rang = true;
}

/** `credentialInvalidated`. @returns false for junk, which changes nothing */
export function noteInvalidation(state: IntegrationState, args: readonly unknown[]): boolean {
  if (args.length === 0) {
    state.invalidateAll = true;
  } else {
    const [message] = args;
    if (!isRecord(message)) return false;
    const { credentialId, version, code } = message;
    if (!isCredentialId(credentialId) || !isVersion(version)) return false;
    const known = state.invalidations.find((one) => one.credentialId === credentialId);
    if (known === undefined) {
      state.invalidations.push({ credentialId, version, code: toDeathCode(code) });
    } else if (known.version < version) {
      Object.assign(known, { version, code: toDeathCode(code) });
    }
  }
  state.look = true;
  return true;
}

/** `reauthorized`. @returns false for junk, which changes nothing */
export function noteReauthorization(state: IntegrationState, args: readonly unknown[]): boolean {
  const message = args.length === 0 ? {} : args[0];
  if (!isRecord(message)) return false;
  const { credentialId, version, resume }: Partial<Record<keyof Reauthorized, unknown>> = message;
  if (credentialId !== undefined && !isCredentialId(credentialId)) return false;
  if (version !== undefined && !isVersion(version)) return false;
  if (resume !== undefined && typeof resume !== 'boolean') return false;
  // Tokens that were stored need no word: their row says it. Without a version it is an operator's.
  if (version === undefined) {
    if (credentialId === undefined) state.reviveAll = true;
    else if (!state.revivals.includes(credentialId)) state.revivals.push(credentialId);
    state.resume ||= resume === true;
  }
  state.renewed = true;
  if (state.drainRetryAt !== null) Object.assign(state, { rang: true, drainRetryAt: null });
  state.look = true;
  return true;
}

const nothing = (): Omit<SettleInput, 'integrationId'> => ({
  invalidations: [],
  invalidateAll: false,
  revivals: [],
  reviveAll: false,
  resume: false,
});

/** A look that only reads. */
export const nothingAsked = (integrationId: string): SettleInput => ({
  integrationId,
  ...nothing(),
});

/** An operator's word that everything is dead, as one about the versions that there are. */
export function nameCurrent(asked: SettleInput, facts: IntegrationFacts | null): SettleInput {
  const current = (facts?.credentials ?? []).flatMap(({ id, version, state }) =>
    isUsable(state) ? [{ credentialId: id, version, code: 'invalidated' as const }] : [],
  );
  return { ...asked, invalidateAll: false, invalidations: [...asked.invalidations, ...current] };
}

/** Takes what signals asked for, so that a look carries it once. */
export function takeLook(state: IntegrationState): SettleInput {
  const { id, invalidations, invalidateAll, revivals, reviveAll, resume } = state;
  Object.assign(state, nothing(), { look: false });
  return { integrationId: id, invalidations, invalidateAll, revivals, reviveAll, resume };
}

/** Who a look's transition is put down to: a word without a version can only be an operator's. */
export function askedBy({ invalidateAll, revivals, reviveAll }: SettleInput): string {
  return invalidateAll || reviveAll || revivals.length > 0 ? 'operator' : 'system';
}

/** Whether it says that dead credentials were tried once more. */
export const tellsOfTrials = ({ credentials }: IntegrationFacts): boolean =>
  credentials.some(({ triedAt = null }) => triedAt !== null);

export const withoutTrials = (facts: IntegrationFacts): IntegrationFacts => ({
  ...facts,
  credentials: facts.credentials.map((one) => ({ ...one, triedAt: null })),
});

/** Takes the row's word. On becoming ENABLED the inbox is looked at. */
export function adopt(state: IntegrationState, facts: IntegrationFacts): void {
  const before = state.facts?.status;
  state.facts = facts;
  if (facts.status === 'ENABLED' && before !== 'ENABLED') {
    state.rang = true;
    state.drainRetryAt = null;
  }
}

/** Whether a drain may be scheduled now; where there is an order a waiting delivery holds the queue, whatever comes. */
export function drainIsDue(state: IntegrationState): boolean {
  const queueMoves = state.drainRetryAt === null || state.drainOpen;
  return state.rang && queueMoves && state.facts?.status === 'ENABLED' && !state.look;
}

export function viewOf(state: IntegrationState, facts: IntegrationFacts): IntegrationView {
  const { userId, name, provider, status, since, transition, reason, credentials } = facts;
  return {
    integrationId: state.id,
    userId,
    name,
    provider,
    status,
    health: healthOf(credentials.map(({ state: one }) => one)),
    reason,
    since,
    transition,
    credentials,
    ignoredSignals: state.ignoredSignals,
    drainRetryAt: state.drainRetryAt === null ? null : new Date(state.drainRetryAt).toISOString(),
  };
}
