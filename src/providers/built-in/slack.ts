import type { BuiltIn } from './built-in';

/**
 * Slack, as a bot in a workspace. Its token doesn't expire, unless the app has token rotation on: then
 * it lasts 12 hours, and the refresh token is good once. A person's own token would stand in
 * `authed_user` and is not asked for. Every answer is 200, with `ok` and `error`. PKCE is refused
 * (`pkce_not_allowed`) unless the app was made a public client for good.
 *
 * Events are signed with the app's signing secret. In a channel shared with another workspace `team_id` is
 * where the event happened, and `authorizations` who has installed the app; a form names its team in
 * another place. An installation for a whole organization isn't found by its team.
 *
 * Sources: https://docs.slack.dev/authentication/installing-with-oauth,
 * https://docs.slack.dev/authentication/using-token-rotation,
 * https://docs.slack.dev/authentication/using-pkce,
 * https://docs.slack.dev/reference/methods/oauth.v2.access,
 * https://docs.slack.dev/reference/methods/auth.test,
 * https://docs.slack.dev/reference/methods/auth.revoke,
 * https://docs.slack.dev/apis/events-api
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
    scopeSeparator: ',',
    pkce: false,
    account: { tokenResponsePointer: '/team/id', labelPointer: '/team/name' },
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
    accountPointer: ['/authorizations/0/team_id', '/team_id', '/team/id'],
  },
};
