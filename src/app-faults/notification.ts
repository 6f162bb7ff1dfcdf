import type { NewNotification } from '../db/queries/notifications/outbox';

interface AppFault {
  provider: string;
  code: string;
  since: Date;
}

/**
 * The notification of a provider that refuses the application itself. It is no integration's: it has the fields that
 * every notification has, and what isn't a provider's is null.
 */
export function appFaultNotification({ provider, code, since }: AppFault): NewNotification {
  const type = 'app.fault';
  const message = `"${provider}" refuses this application (${code}): check its client id and secret. Nobody has to reconnect.`;
  return {
    stream: `app:${provider}`,
    integrationId: null,
    transition: null,
    type,
    payload: JSON.stringify({
      type,
      timestamp: since.toISOString(),
      data: {
        ...{
          integrationId: null,
          userId: null,
          name: null,
          provider,
          metadata: null,
          status: null,
        },
        reason: { code, credential: null, message, by: 'system', since: since.toISOString() },
        ...{ transition: null, reconnectUrl: null },
      },
    }),
  };
}
