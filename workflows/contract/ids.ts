/**
 * What senders and actors must name alike: ids, task queues, workflow types and search attributes. Both sides import
 * it from here, so that it can't drift.
 */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Whether it may be a credential's id: what doesn't fit a column would fail every write after it. */
export const isCredentialId = (value: unknown): value is string =>
  typeof value === 'string' && /^crd_[A-Za-z0-9]{1,60}$/.test(value);

/** Whether it may be a credential's version: a whole number that Postgres's integer holds. */
export const isVersion = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 31;

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
  compare: 'sweep:compare',
  /** @param unique never used before: a sweep that is past the rows in question must not be taken for this one */
  sweepNow: (unique: string) => `sweep:now:${unique}`,
};

export const sweepScheduleId = 'holdfast-sweep';

/** Ids are Keyword, never Text: Text is split into words and can't be matched whole. */
export const searchAttributes = {
  status: defineSearchAttributeKey('IntegrationStatus', SearchAttributeType.KEYWORD),
  reason: defineSearchAttributeKey('IntegrationReason', SearchAttributeType.KEYWORD),
  provider: defineSearchAttributeKey('IntegrationProvider', SearchAttributeType.KEYWORD),
  user: defineSearchAttributeKey('IntegrationUser', SearchAttributeType.KEYWORD),
  name: defineSearchAttributeKey('IntegrationName', SearchAttributeType.KEYWORD),
  credentialProvider: defineSearchAttributeKey('CredentialProvider', SearchAttributeType.KEYWORD),
  credentialState: defineSearchAttributeKey('CredentialState', SearchAttributeType.KEYWORD),
  statusSince: defineSearchAttributeKey('IntegrationStatusSince', SearchAttributeType.DATETIME),
} as const;
