import type { IntegrationStatus, IntegrationFacts } from '../../workflows/contract/status';
import { readIntegrationFacts } from '../db/queries/integrations/status';
import {
  addNotice,
  type NewNotice,
  type NoticeSubject,
  readNoticeSubject,
} from '../db/queries/notifications/outbox';
import type { Queryable } from '../db/pool';

type TransitionNoticeType = 'integration.error' | 'integration.recovered';

/** Exactly one notice for each transition into or out of ERROR; none for the others. */
export function noticeType(
  from: IntegrationStatus,
  to: IntegrationStatus,
): TransitionNoticeType | null {
  if (to === 'ERROR') return 'integration.error';
  return from === 'ERROR' ? 'integration.recovered' : null;
}

interface NoticeInput {
  integrationId: string;
  type: TransitionNoticeType | 'credential.degraded' | 'delivery.failed' | 'integration.inbox_full';
  /** When it began; default: the time of the last transition. */
  at?: Date;
  /** What is said beside the integration's status; never a body or a secret. */
  more?: Record<string, unknown> | undefined;
}

/**
 * Puts a notice about an integration into the outbox, in the caller's transaction; one for a transition is unique by its
 * number. After the commit the caller rings `noticeWaiting`.
 *
 * @returns false where there is no such integration (any more)
 */
export async function addIntegrationNotice(
  client: Queryable,
  input: NoticeInput,
  publicUrl: string,
): Promise<boolean> {
  const subject = await readNoticeSubject(client, input.integrationId);
  const facts = await readIntegrationFacts(client, input.integrationId);
  if (subject === null || facts === null) return false;
  await addNotice(client, integrationNotice(input, { ...facts, ...subject }, publicUrl));
  return true;
}

/** As the contract has it. */
function integrationNotice(
  { integrationId, type, at, more }: NoticeInput,
  facts: IntegrationFacts & NoticeSubject,
  publicUrl: string,
): NewNotice {
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
