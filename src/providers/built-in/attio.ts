import type { BuiltIn } from './built-in';

/**
 * Attio. Its tokens belong to a workspace, don't expire and aren't refreshed; what they may do is set
 * in the app's settings, so that no scope is asked for. A token that is not good any more is answered
 * 200 `{ "active": false }` by `/v2/self`. Revocation takes the access token as a bearer and answers 204;
 * it is limited to 50 requests a minute and address. No PKCE is documented.
 *
 * A webhook is of one workspace, made with its token; each of its events names the workspace. Attio sends
 * again up to 10 times in about 3 days; then the webhook is "degraded" and its owner gets an email.
 *
 * Sources: https://docs.attio.com/docs/oauth/authorize, https://docs.attio.com/docs/oauth/token,
 * https://docs.attio.com/docs/oauth/introspect, https://docs.attio.com/docs/oauth/revoke,
 * https://docs.attio.com/rest-api/endpoint-reference/meta/identify,
 * https://docs.attio.com/rest-api/how-to/webhooks
 */
export const attio: BuiltIn = {
  label: 'Attio',
  oauth: (client) => ({
    ...client,
    authorizationUrl: 'https://app.attio.com/authorize',
    tokenUrl: 'https://app.attio.com/oauth/token',
    revocationUrl: 'https://app.attio.com/oauth/revoke',
    revocation: { method: 'POST', authentication: 'access_token' },
    clientAuthentication: 'client_secret_post',
    account: {
      url: 'https://api.attio.com/v2/self',
      pointer: '/workspace_id',
      labelPointer: '/workspace_name',
    },
    apiOrigins: ['https://api.attio.com'],
  }),
  probe: { url: 'https://api.attio.com/v2/self', everySeconds: 3600, activePointer: '/active' },
  webhook: {
    scheme: 'attio',
    providerMakesSecret: true,
    eventsPointer: '/events',
    accountPointer: '/id/workspace_id',
  },
};
