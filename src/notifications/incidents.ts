import { type IncidentKind, insertIncident } from '../db/queries/notifications/incidents';
import type { Queryable } from '../db/pool';
import { addIntegrationNotification } from './integration-notification';

export interface IncidentBegin {
  integrationId: string;
  kind: IncidentKind;
  /** What the notification says beside the integration's status; never a body or a secret. */
  more?: Record<string, unknown>;
}

/** Of the configuration. */
export interface NotificationSettings {
  publicUrl: string;
  /** Whether anybody is told. */
  notifyUrl: string | undefined;
}

/** The type of each kind's notification. */
export const incidentTypes = {
  delivery_failed: 'delivery.failed',
  inbox_full: 'integration.inbox_full',
} as const satisfies Record<IncidentKind, string>;

/**
 * Begins an incident of an integration, unless it is in that one already, and puts its notification into the outbox. Both
 * belong in one transaction, the caller's; after its commit the caller signals `noticeWaiting`.
 *
 * @returns whether it began now
 */
export async function beginIncident(
  client: Queryable,
  { integrationId, kind, more }: IncidentBegin,
  { publicUrl, notifyUrl }: NotificationSettings,
): Promise<boolean> {
  const at = await insertIncident(client, integrationId, kind);
  if (at === null) return false;
  if (notifyUrl === undefined) return true;
  const type = incidentTypes[kind];
  return addIntegrationNotification(client, { integrationId, type, at, more }, publicUrl);
}
