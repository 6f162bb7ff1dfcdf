import { builtInNames, type AppSettings, type Apps } from '../providers/built-in';
import type { Settings } from './settings';

/**
 * `<PROVIDER>_CLIENT_ID`, `<PROVIDER>_CLIENT_SECRET` and `<PROVIDER>_WEBHOOK_SECRET` of the built-in
 * providers; half a client is a fault.
 */
export function apps(settings: Settings): Apps {
  const found = builtInNames.map((name) => {
    const prefix = name.toUpperCase().replaceAll('-', '_');
    return [name, app(settings, prefix)] as const;
  });
  return Object.freeze(
    Object.fromEntries(found.filter(([, { client, webhookSecret }]) => client ?? webhookSecret)),
  );
}

function app(settings: Settings, prefix: string): AppSettings {
  const id = `${prefix}_CLIENT_ID`;
  const secret = `${prefix}_CLIENT_SECRET`;
  const clientId = settings.raw(id);
  const clientSecret = settings.raw(secret);
  const webhookSecret = settings.raw(`${prefix}_WEBHOOK_SECRET`);
  if (clientId === undefined && clientSecret !== undefined) {
    settings.report(id, `needed with ${secret}`, 'the client id from the provider');
  }
  if (clientId !== undefined && clientSecret === undefined) {
    settings.report(secret, `needed with ${id}`, 'the client secret from the provider');
  }
  return {
    ...(clientId === undefined || clientSecret === undefined
      ? {}
      : { client: { clientId, clientSecret } }),
    ...(webhookSecret === undefined ? {} : { webhookSecret }),
  };
}
