import type { BuiltIn } from './built-in';

/**
 * GitHub: OAuth apps, whose tokens don't expire, and GitHub Apps, whose tokens for users last 8 hours
 * with a refresh token of 6 months that is good once. A GitHub App ignores the scope. Errors of the
 * token endpoint come with status 200. A grant is revoked with an access token that still works.
 *
 * A GitHub App's webhooks all come to one address, and say whose repository or organization they are
 * about. A person's id is their account here; an organization's is given as `webhookAccount`.
 *
 * Sources: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps,
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens,
 * https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors,
 * https://docs.github.com/en/rest/apps/oauth-applications#delete-an-app-authorization,
 * https://github.blog/changelog/2025-07-14-pkce-support-for-oauth-and-github-app-authentication,
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads
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
  },
};
