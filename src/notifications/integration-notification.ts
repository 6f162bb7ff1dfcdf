import type { IntegrationStatus, IntegrationFacts } from '../../workflows/contract/status';
import { readIntegrationFacts } from '../db/queries/integrations/status';
import {
  addNotification,
  type NewNotification,
  type NotificationSubject,
  readNotificationSubject,
} from '../db/queries/notifications/outbox';
import type { Queryable } from '../db/pool';

type TransitionNotificationType = 'integration.error' | 'integration.recovered';

/** Exactly one notification for each transition into or out of ERROR; none for the others. */
export function notificationType(
  from: IntegrationStatus,
  to: IntegrationStatus,
): TransitionNotificationType | null {
  if (to === 'ERROR') return 'integration.error';
  return from === 'ERROR' ? 'integration.recovered' : null;
}

interface NotificationInput {
  integrationId: string;
  type:
    | TransitionNotificationType
    | 'credential.degraded'
    | 'credential.expiring'
    | 'delivery.failed'
    | 'delivery.failing'
    | 'integration.inbox_full';
  /** When it began; default: the time of the last transition. */
  at?: Date;
  /** What is said beside the integration's status; never a body or a secret. */
  more?: Record<string, unknown> | undefined;
}

/**
 * Puts a notification about an integration into the outbox, in the caller's transaction; one for a transition is unique
 * by its number. After the commit the caller signals `noticeWaiting`.
 *
 * @returns false where there is no such integration (any more)
 */
export async function addIntegrationNotification(
  client: Queryable,
  input: NotificationInput,
  publicUrl: string,
): Promise<boolean> {
  const subject = await readNotificationSubject(client, input.integrationId);
  const facts = await readIntegrationFacts(client, input.integrationId);
  if (subject === null || facts === null) return false;
  await addNotification(
    client,
    integrationNotification(input, { ...facts, ...subject }, publicUrl),
  );
  return true;
}

/** As the contract has it. */
function integrationNotification(
  { integrationId, type, at, more }: NotificationInput,
  facts: IntegrationFacts & NotificationSubject,
  publicUrl: string,
): NewNotification {
  const { userId, name, provider, metadata, status, reason, transition } = facts;
  const reconnectUrl = `${publicUrl}/reconnect/${integrationId}`;
  const data = { integrationId, userId, name, provider, metadata, status, reason, transition };
  const ofTransition = type === 'integration.error' || type === 'integration.recovered';
  return {
    stream: integrationId,
    integrationId,
    transition: ofTransition ? transition : null,
    type,
    payload: JSON.stringify({
      type,
      timestamp: (at ?? facts.at).toISOString(),
      data: { ...data, reconnectUrl, ...more },
    }),
  };
}
