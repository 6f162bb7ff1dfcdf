import type { BuiltIn } from './built-in';

/**
 * GitHub: GitHub Apps and OAuth apps. Tokens of a GitHub App last 8 hours, and so do those of an OAuth app that
 * has token expiration on or asks for the scope `offline_access`; a refresh token of 6 months comes along, is good
 * once, and is replaced at each use. All other tokens don't expire. A GitHub App ignores the scope. Errors
 * of the token endpoint come with status 200. A grant is revoked with an access token that still works. An OAuth
 * app may have ten tokens of one person with the same scopes: the eleventh revokes the oldest.
 *
 * A GitHub App's webhooks all come to one address, and say whose repository or organization they are
 * about: `installation.account` stands in events of the installation only. A person's id is their account
 * here; an organization's is given as `webhookAccount`. `github_app_authorization` says that a person has
 * revoked the app, which can't be unsubscribed from. GitHub waits 10 seconds and sends nothing again by itself;
 * the last 3 days can be redelivered by hand.
 *
 * Sources: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps,
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens,
 * https://github.com/orgs/community/discussions/204963 (OAuth apps with tokens that expire),
 * https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/token-expiration-and-revocation,
 * https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors,
 * https://docs.github.com/en/rest/apps/oauth-applications#delete-an-app-authorization,
 * https://github.blog/changelog/2025-07-14-pkce-support-for-oauth-and-github-app-authentication,
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads,
 * https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries
 */
export const github: BuiltIn = {
  label: 'GitHub',
  oauth: (client) => ({
    ...client,
    authorizationUrl: 'https://github.com/login/oauth/authorize',
    tokenUrl: 'https://github.com/login/oauth/access_token',
    revocationUrl: `https://api.github.com/applications/${encodeURIComponent(client.clientId)}/grant`,
    revocation: {
      method: 'DELETE',
      authentication: 'client_secret_basic',
      tokenMember: 'access_token',
    },
    clientAuthentication: 'client_secret_post',
    // Without a scope GitHub grants whatever the person once granted the app.
    scopes: ['read:user'],
    scopeLabels: { 'read:user': 'Read your profile' },
    refreshExpiresInSeconds: 15_897_600,
    grantsPerAccount: 10,
    account: { url: 'https://api.github.com/user', pointer: '/id', labelPointer: '/login' },
    apiOrigins: ['https://api.github.com', 'https://uploads.github.com'],
  }),
  probe: { url: 'https://api.github.com/user', everySeconds: 3600 },
  refreshErrors: [{ error: 'redirect_uri_mismatch', means: 'app' }],
  webhook: {
    scheme: 'github',
    accountPointer: [
      '/installation/account/id',
      '/repository/owner/id',
      '/organization/id',
      '/sender/id',
    ],
    deathEvents: ['github_app_authorization'],
    // Payloads are capped at 25 MB: https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap
    bodyLimitBytes: 25 * 1024 * 1024,
  },
};
