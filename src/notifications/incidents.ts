import { type EpisodeKind, insertEpisode } from '../db/queries/notifications/incidents';
import type { Queryable } from '../db/pool';
import { addIntegrationNotification } from './integration-notification';

export interface EpisodeBegin {
  integrationId: string;
  kind: EpisodeKind;
  /** What the notification says beside the integration's status; never a body or a secret. */
  more?: Record<string, unknown>;
}

/** Of the configuration. */
export interface NotificationSettings {
  publicUrl: string;
  /** Whether anybody is told. */
  notifyUrl: string | undefined;
}

const notificationTypes = {
  delivery_failed: 'delivery.failed',
  inbox_full: 'integration.inbox_full',
} as const satisfies Record<EpisodeKind, string>;

/**
 * Begins a trouble of an integration's, unless it has that one already, and puts its notification into the outbox. Both
 * belong in one transaction, the caller's; after its commit the caller signals `noticeWaiting`.
 *
 * @returns whether it began now
 */
export async function beginEpisode(
  client: Queryable,
  { integrationId, kind, more }: EpisodeBegin,
  { publicUrl, notifyUrl }: NotificationSettings,
): Promise<boolean> {
  const at = await insertEpisode(client, integrationId, kind);
  if (at === null) return false;
  if (notifyUrl === undefined) return true;
  const type = notificationTypes[kind];
  return addIntegrationNotification(client, { integrationId, type, at, more }, publicUrl);
}
