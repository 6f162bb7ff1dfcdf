import type { IntegrationStatus } from '../workflows/contract';
import type { NewNotice } from '../src/db/queries/notices';
import type { NoticeSubject } from '../src/db/queries/notice-subject';
import type { SettleFacts } from './settle';

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
  type: TransitionNoticeType;
  facts: SettleFacts;
  subject: NoticeSubject;
  write: { integrationId: string; expected: number };
  publicUrl: string;
}

export function transitionNotice(input: NoticeInput): NewNotice {
  const { type, facts, subject, write, publicUrl } = input;
  const { integrationId } = write;
  const { userId, name, provider, status, reason, transition } = facts;
  const data = {
    integrationId,
    userId,
    name,
    provider,
    metadata: subject.metadata,
    status,
    reason,
    transition,
    reconnectUrl: `${publicUrl}/reconnect/${integrationId}`,
  };
  return {
    stream: integrationId,
    integrationId,
    transition,
    type,
    payload: JSON.stringify({ type, timestamp: subject.at.toISOString(), data }),
  };
}
