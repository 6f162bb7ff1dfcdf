/** What senders and actors say to each other: signals, updates and queries, with their inputs and answers. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type {
  CredentialFact,
  CredentialState,
  DeathCode,
  Health,
  IntegrationStatus,
  Reason,
} from './status';

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

/**
 * Why an integration's actor is to look: for people who read its history, since it looks at everything. `differs`: what lists show
 * of it is not what its row says, and it publishes all of it again.
 */
export interface IntegrationNews {
  why: 'created' | 'hold_lifted' | 'tried' | 'due' | 'differs';
}

/** Look again. Its name is from when it was sent for one reason only. */
export const holdChanged = defineSignal<[IntegrationNews?]>('holdChanged');

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
  /** Of the span in which the asker waits, where that is sampled: W3C Trace Context. */
  traceparent?: string | undefined;
}

/** What became of a refresh. `retryAt` and `expiresAt` are RFC 3339. */
export type RefreshAnswer =
  | { kind: 'alive'; version: number; expiresAt: string | null }
  | { kind: 'dead'; version: number; code: DeathCode }
  | { kind: 'unavailable'; version: number; code: string; retryAt: string };

export const refresh = defineUpdate<RefreshAnswer, [RefreshRequest]>('refresh');

/** Why a credential's actor is to look: its row has other tokens, other times, or a time that has come; `differs` as above. */
export interface CredentialNews {
  version: number;
  why: 'stored' | 'hastened' | 'trial' | 'due' | 'differs';
}

/** Look again. Its name is from when it was sent for one reason only. */
export const stored = defineSignal<[CredentialNews]>('stored');

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
  /** Wakes every actor, not only those for whom something is due: after Temporal lost its data. */
  all?: boolean;
  /** Compares what visibility shows of actors with their rows, and signals or starts those that differ. */
  compare?: boolean;
}

/** An end of a sweep, as Temporal remembers it beside Postgres. */
export interface SweepMark {
  /** How many sweeps have ended. */
  sweeps: number;
  /** When, by the clock of Postgres, RFC 3339. */
  at: string;
}
