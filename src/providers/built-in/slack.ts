import type { BuiltIn } from './built-in';

/**
 * Slack, as a bot in a workspace or in a whole organization. Its token doesn't expire, unless the app has token
 * rotation on: then it lasts 12 hours, and the refresh token is good once. A person's own token stands in
 * `authed_user` and is not asked for here: a declaration that wants it has `user_scope` among its
 * `authorizationParameters`, and `tokenPointer: '/authed_user'`. Every answer is 200, with `ok` and `error`.
 * PKCE is optional since 2026-03-30 and refused (`pkce_not_allowed`) of an app that hasn't chosen it; refresh tokens
 * of one that has end after 30 days. An organization's installation has `team: null`, and the organization is the
 * account.
 *
 * Events are signed with the app's signing secret. In a channel shared with another workspace `team_id` is
 * where the event happened, and `authorizations` who has installed the app; a form names its team in
 * another place. What an organization has installed says `is_enterprise_install`: then the organization is meant,
 * whatever team is named. Slack sends an event again 3 times, and cuts off a subscription of which less than 5 %
 * within an hour is answered 200; commands and interactions aren't sent again, and their sender sees the answer.
 * `tokens_revoked` and `app_uninstalled` say that a grant is gone.
 *
 * Sources: https://docs.slack.dev/authentication/installing-with-oauth,
 * https://docs.slack.dev/authentication/using-token-rotation,
 * https://docs.slack.dev/authentication/using-pkce, https://docs.slack.dev/changelog/2026/03/30/pkce,
 * https://docs.slack.dev/reference/methods/oauth.v2.access,
 * https://docs.slack.dev/reference/methods/auth.test,
 * https://docs.slack.dev/reference/methods/auth.revoke,
 * https://api.slack.com/enterprise/apps/reference,
 * https://docs.slack.dev/apis/events-api, https://docs.slack.dev/reference/events/app_rate_limited,
 * https://docs.slack.dev/reference/events/tokens_revoked,
 * https://api.slack.com/events/app_uninstalled
 */
export const slack: BuiltIn = {
  label: 'Slack',
  oauth: (client) => ({
    ...client,
    authorizationUrl: 'https://slack.com/oauth/v2/authorize',
    tokenUrl: 'https://slack.com/api/oauth.v2.access',
    revocationUrl: 'https://slack.com/api/auth.revoke',
    revocation: { method: 'POST', authentication: 'access_token' },
    // Slack prefers HTTP Basic, but its client ids hold a dot, which RFC 6749 has percent-encoded there.
    clientAuthentication: 'client_secret_post',
    scopes: ['team:read'],
    scopeLabels: { 'team:read': 'See the name and address of your workspace' },
    scopeSeparator: ',',
    pkce: false,
    account: {
      tokenResponsePointer: ['/team/id', '/enterprise/id'],
      labelPointer: '/team/name',
    },
    apiOrigins: ['https://slack.com', 'https://files.slack.com'],
  }),
  probe: { url: 'https://slack.com/api/auth.test', everySeconds: 3600 },
  refreshErrors: [
    { error: 'token_expired', means: 'dead' },
    { error: 'token_revoked', means: 'dead' },
    { error: 'account_inactive', means: 'dead' },
    { error: 'bad_redirect_uri', means: 'app' },
    { error: 'invalid_grant_type', means: 'app' },
    { error: 'no_scopes', means: 'app' },
    { error: 'oauth_authorization_url_mismatch', means: 'app' },
    { error: 'pkce_not_allowed', means: 'app' },
  ],
  refusedErrors: [
    'account_inactive',
    'invalid_auth',
    'not_authed',
    'token_expired',
    'token_revoked',
  ],
  webhook: {
    scheme: 'slack',
    providerMakesSecret: true,
    accountPointer: ['/authorizations/0/team_id', '/team_id', '/team/id', '/enterprise/id'],
    deathEvents: ['app_uninstalled', 'tokens_revoked'],
    successStatus: 200,
  },
};
