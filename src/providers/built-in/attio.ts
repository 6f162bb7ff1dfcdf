import type { BuiltIn } from './built-in';

/**
 * Attio. Its tokens belong to a workspace, don't expire and aren't refreshed; what they may do is set
 * in the app's settings, so that no scope is asked for. A token that is not good any more is answered
 * 200 `{ "active": false }` by `/v2/self`. No revocation is documented, nor PKCE.
 *
 * A webhook is of one workspace, made with its token; each of its events names the workspace.
 *
 * Sources: https://docs.attio.com/docs/oauth/authorize, https://docs.attio.com/docs/oauth/token,
 * https://docs.attio.com/docs/oauth/introspect,
 * https://docs.attio.com/rest-api/endpoint-reference/meta/identify,
 * https://docs.attio.com/rest-api/guides/webhooks
 */
export const attio: BuiltIn = {
  label: 'Attio',
  oauth: (client) => ({
    ...client,
    authorizationUrl: 'https://app.attio.com/authorize',
    tokenUrl: 'https://app.attio.com/oauth/token',
    clientAuthentication: 'client_secret_post',
    account: {
      url: 'https://api.attio.com/v2/self',
      pointer: '/workspace_id',
      labelPointer: '/workspace_name',
    },
    apiOrigins: ['https://api.attio.com'],
  }),
  probe: { url: 'https://api.attio.com/v2/self', everySeconds: 3600, activePointer: '/active' },
  webhook: { scheme: 'attio', eventsPointer: '/events', accountPointer: '/id/workspace_id' },
};
