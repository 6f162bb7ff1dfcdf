import type { IntegrationStatus } from '../../workflows/contract';
import type { IntegrationFacts } from '../db/queries/integration-facts';
import type { NewNotice } from '../db/queries/notices';

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
  type: TransitionNoticeType | 'credential.degraded' | 'delivery.failed' | 'integration.inbox_full';
  integrationId: string;
  facts: IntegrationFacts;
  metadata: unknown;
  at: Date;
  publicUrl: string;
  /** What is said beside the integration's status. */
  more?: Record<string, unknown> | undefined;
}

/** A notice about an integration, as the contract has it; one for a transition is unique by its number. */
export function integrationNotice(input: NoticeInput): NewNotice {
  const { type, integrationId, facts, metadata, at, publicUrl, more } = input;
  const { userId, name, provider, status, reason, transition } = facts;
  const reconnectUrl = `${publicUrl}/reconnect/${integrationId}`;
  const data = { integrationId, userId, name, provider, metadata, status, reason, transition };
  return {
    stream: integrationId,
    integrationId,
    transition: ofTransition(type) ? transition : null,
    type,
    payload: JSON.stringify({
      type,
      timestamp: at.toISOString(),
      data: { ...data, reconnectUrl, ...more },
    }),
  };
}

const ofTransition = (type: NoticeInput['type']) =>
  type === 'integration.error' || type === 'integration.recovered';
