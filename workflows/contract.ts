/**
 * Everything that senders and actors must agree on: ids, task queues, messages, search attributes
 * and the words for a status. Both sides import it from here, so that it can't drift.
 */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

export const statuses = ['ENABLED', 'DISABLED', 'ERROR'] as const;
export type IntegrationStatus = (typeof statuses)[number];

export const credentialStates = ['alive', 'degraded', 'dead', 'missing'] as const;
export type CredentialState = (typeof credentialStates)[number];

export type Health = 'healthy' | 'degraded' | 'dead';

/** Why a credential can't be used any more; a person has to reconnect. */
export const deathCodes = [
  'not_connected',
  'invalid_grant',
  'invalid_scope',
  'interaction_required',
  'consent_required',
  'login_required',
  'unauthorized_client',
  'no_refresh_token',
  'rotation_lost',
  'access_refused',
  'revoked',
  'invalidated',
] as const;
export type DeathCode = (typeof deathCodes)[number];

/** Whether it may be a credential's id: what doesn't fit a column would fail every write after it. */
export const isCredentialId = (value: unknown): value is string =>
  typeof value === 'string' && /^crd_[A-Za-z0-9]{1,60}$/.test(value);

/** Whether it may be a credential's version: a whole number that Postgres's integer holds. */
export const isVersion = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 31;

/** A code from outside, such as a signal's; what nobody knows is an operator's word. */
export const toDeathCode = (value: unknown): DeathCode =>
  deathCodes.find((code) => code === value) ?? 'invalidated';

export type ReasonCode = DeathCode | 'switched_off';

/** Why a transition happened, in the audit. */
export type TransitionCode = ReasonCode | 'switched_on' | 'reauthorized' | 'created';

/** Why an integration has the status that it has. Times are RFC 3339 in UTC. */
export interface Reason {
  code: ReasonCode;
  /** The credential's name within the integration (`main`), where one is the cause. */
  credential: string | null;
  message: string;
  by: string;
  since: string;
}

/** One of an integration's credentials, as the row in Postgres has it. */
export interface CredentialFact {
  name: string;
  id: string;
  version: number;
  state: CredentialState;
  code: DeathCode | null;
}

/**
 * An activity of one task queue must never wait for an activity of the same one: with all slots
 * taken by the waiting, nothing moves again. Hence a queue for each kind.
 */
export const taskQueues = {
  main: 'holdfast',
  refresh: 'holdfast-refresh',
  drain: 'holdfast-drain',
  notices: 'holdfast-notices',
} as const;

export const workflowTypes = {
  integration: 'integration',
  credential: 'credential',
  notification: 'notification',
  replay: 'replay',
  sweep: 'sweep',
} as const;

export const workflowIds = {
  integration: (integrationId: string) => `integration:${integrationId}`,
  credential: (credentialId: string) => `credential:${credentialId}`,
  /** @param stream an integration's id, or `app:<provider>` for what concerns them all */
  notification: (stream: string) => `notification:${stream}`,
  replay: (replayId: string) => `replay:${replayId}`,
  restore: 'sweep:restore',
  /** @param unique never used before: a sweep that is past the rows in question must not be taken for this one */
  sweepNow: (unique: string) => `sweep:now:${unique}`,
};

export const sweepScheduleId = 'holdfast-sweep';

/** How many delivery ids one `webhookReceived` may carry: they are for tracing only. */
export const maxDeliveryIdsPerSignal = 100;

export interface WebhookReceived {
  deliveryIds: string[];
}

export interface CredentialInvalidated {
  credentialId: string;
  /** Fence: only the row's current version dies. */
  version: number;
  code: DeathCode;
}

export interface Reauthorized {
  credentialId: string;
  version: number;
  /** Brings a DISABLED integration back too. */
  resume?: boolean;
}

export const webhookReceived = defineSignal<[WebhookReceived]>('webhookReceived');
/** With no input it is an operator's word: the current versions are dead. */
export const credentialInvalidated =
  defineSignal<[CredentialInvalidated?]>('credentialInvalidated');
/** Without a version it is an operator's word: dead credentials are tried once more. */
export const reauthorized = defineSignal<[Partial<Reauthorized>?]>('reauthorized');
export const holdChanged = defineSignal('holdChanged');
export const deleted = defineSignal('deleted');

export interface SwitchRequest {
  by: string;
  reason?: string;
}

export const enable = defineUpdate<IntegrationView, [SwitchRequest]>('enable');
export const disable = defineUpdate<IntegrationView, [SwitchRequest]>('disable');

/** What the query `status` of an integration's actor answers. */
export interface IntegrationView {
  integrationId: string;
  userId: string;
  name: string;
  provider: string;
  status: IntegrationStatus;
  health: Health;
  reason: Reason | null;
  /** Since when the status is what it is. */
  since: string;
  transition: number;
  credentials: CredentialFact[];
  /** Signals `webhookReceived` that came while the integration took none. */
  ignoredSignals: number;
  /** When the oldest delivery is tried again, RFC 3339; null while nothing waits. */
  drainRetryAt: string | null;
}

export const integrationStatus = defineQuery<IntegrationView>('status');

export interface RefreshRequest {
  /** The version whose access token was refused or has run out. Nothing is done for an older one. */
  rejectedVersion?: number;
}

/** What became of a refresh. `retryAt` and `expiresAt` are RFC 3339. */
export type RefreshAnswer =
  | { kind: 'alive'; version: number; expiresAt: string | null }
  | { kind: 'dead'; version: number; code: DeathCode }
  | { kind: 'unavailable'; version: number; code: string; retryAt: string };

export const refresh = defineUpdate<RefreshAnswer, [RefreshRequest]>('refresh');

export interface VersionNotice {
  version: number;
}
/** Other tokens were stored (a reconnect, the API). */
export const stored = defineSignal<[VersionNotice]>('stored');
/** The provider says that this version was revoked. */
export const revoked = defineSignal<[VersionNotice]>('revoked');

export interface CredentialView {
  credentialId: string;
  provider: string;
  version: number;
  state: CredentialState;
  code: string | null;
  expiresAt: string | null;
  /** When the actor's own timer refreshes or tries again. */
  refreshAt: string | null;
}
export const credentialStatus = defineQuery<CredentialView>('status');

/** A notice waits in Postgres; the signal only says so. */
export const noticeWaiting = defineSignal('noticeWaiting');

/** A replay has not ended: its row says how far it came. */
export const replayWaiting = defineSignal('replayWaiting');

/** An actor's input. What crosses continue-as-new is in `state`: plain JSON, nobody else's business. */
export interface ActorInput<State = unknown> {
  id: string;
  state?: State;
}

export interface SweepInput {
  /** Wakes every actor, not only those that something is owed to: after Temporal lost its data. */
  all?: boolean;
}

/** Ids are Keyword, never Text: Text is split into words and can't be matched whole. */
export const searchAttributes = {
  status: defineSearchAttributeKey('IntegrationStatus', SearchAttributeType.KEYWORD),
  reason: defineSearchAttributeKey('IntegrationReason', SearchAttributeType.KEYWORD),
  provider: defineSearchAttributeKey('IntegrationProvider', SearchAttributeType.KEYWORD),
  user: defineSearchAttributeKey('IntegrationUser', SearchAttributeType.KEYWORD),
  statusSince: defineSearchAttributeKey('IntegrationStatusSince', SearchAttributeType.DATETIME),
} as const;
