import type { BuiltIn } from './built-in';

/**
 * HubSpot. Access tokens last 30 minutes, so that refreshing notices an uninstalled app; the refresh
 * token stays the same and doesn't expire. Errors are RFC 6749's since early 2026, beside HubSpot's
 * own `status`, which is all that there was before. The scopes asked for must hold every one that the
 * app's settings require; those that were granted come as a list, `scopes`. The addresses are those of version
 * 2026-03: version 1 ends on 2027-02-16, and a 2026-09 is announced, so this version is to be looked at each year.
 *
 * Webhooks are the app's, for every account that has installed it, and signed with the client secret. HubSpot
 * waits 5 seconds and sends again up to 10 times within 24 hours. That an app was uninstalled is told in its
 * journal alone, which an application has to ask for (3 days of events): no webhook says so.
 *
 * Sources: https://developers.hubspot.com/docs/api-reference/latest/authentication/manage-oauth-tokens,
 * https://developers.hubspot.com/docs/api-reference/latest/authentication/oauth-tokens/revoke-token,
 * https://developers.hubspot.com/changelog/new-oauth-v3-api-endpoints-and-standardized-error-responses,
 * https://developers.hubspot.com/changelog/additional-details-returned-when-generating-oauth-access-tokens,
 * https://developers.hubspot.com/docs/api/webhooks,
 * https://developers.hubspot.com/docs/api-reference/webhooks-webhooks-v4/webhooks-journal
 */
export const hubspot: BuiltIn = {
  label: 'HubSpot',
  oauth: (client) => ({
    ...client,
    authorizationUrl: 'https://app.hubspot.com/oauth/authorize',
    tokenUrl: 'https://api.hubapi.com/oauth/2026-03/token',
    revocationUrl: 'https://api.hubapi.com/oauth/2026-03/token/revoke',
    clientAuthentication: 'client_secret_post',
    scopes: ['oauth'],
    scopeLabels: { oauth: 'Know which HubSpot account is yours' },
    errorPointer: '/status',
    account: { tokenResponsePointer: '/hub_id' },
    apiOrigins: ['https://api.hubapi.com'],
  }),
  refreshErrors: [
    { error: 'BAD_REFRESH_TOKEN', means: 'dead' },
    { error: 'BAD_CLIENT_ID', means: 'app' },
    { error: 'BAD_CLIENT_SECRET', means: 'app' },
    { error: 'BAD_REDIRECT_URI', means: 'app' },
  ],
  webhook: {
    scheme: 'hubspot',
    providerMakesSecret: true,
    eventsPointer: '',
    accountPointer: '/portalId',
  },
  signsWithClientSecret: true,
};
