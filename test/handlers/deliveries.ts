import type { StoredDelivery } from '../../src/handlers/custom/delivery';

export const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

export function delivery(changed: Partial<StoredDelivery> = {}): StoredDelivery {
  return {
    id: 'dlv_1',
    integrationId: 'int_1',
    userId: 'user-1',
    name: 'contacts',
    metadata: { plan: 'pro' },
    parameters: { shop: 'a.example' },
    provider: 'acme',
    eventType: 'contact.created',
    headers: [['content-type', 'application/json']],
    body: Buffer.from('{"id":7}'),
    receivedAt: new Date('2026-11-21T09:00:00.000Z'),
    attempt: 1,
    ...changed,
  };
}
