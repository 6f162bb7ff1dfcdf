import type { BuiltIn } from './built-in';

/**
 * Google. Access tokens last about an hour, so that refreshing notices a revocation. A refresh token
 * doesn't rotate; it comes with the first consent only, or with `prompt=consent`. It dies after six
 * months without use, 7 days after the consent while the app's publishing status is "Testing", with a
 * changed password where it has Gmail's scopes, with the 101st for one account and client, and by
 * a Workspace's session control, which adds `error_subtype: invalid_rapt`: all of them `invalid_grant`.
 *
 * No lifetime of a refresh token is declared: one that is refreshed ahead never lapses for want of use, and where a
 * person grants access for a time, the answer says so (`refresh_token_expires_in`).
 *
 * `apiOrigins` are the hosts of the common APIs; Calendar and Drive are at www.googleapis.com. Webhooks aren't
 * built in: Gmail's come by Pub/Sub, whose two addresses are the application's own (`google-pubsub`), and
 * Calendar's and Drive's channels end after 7 days at most and have to be made anew.
 *
 * Sources: https://developers.google.com/identity/protocols/oauth2#expiration,
 * https://developers.google.com/identity/protocols/oauth2/web-server,
 * https://developers.google.com/identity/openid-connect/openid-connect,
 * https://accounts.google.com/.well-known/openid-configuration
 */
export const google: BuiltIn = {
  label: 'Google',
  oauth: (client) => ({
    ...client,
    issuer: 'https://accounts.google.com',
    authorizationUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
    tokenUrl: 'https://oauth2.googleapis.com/token',
    revocationUrl: 'https://oauth2.googleapis.com/revoke',
    clientAuthentication: 'client_secret_post',
    scopes: ['openid', 'email'],
    scopeLabels: { openid: 'Know which Google account is yours', email: 'See your email address' },
    authorizationParameters: { access_type: 'offline', prompt: 'consent' },
    grantsPerAccount: 100,
    account: {
      url: 'https://openidconnect.googleapis.com/v1/userinfo',
      pointer: '/sub',
      labelPointer: '/email',
    },
    apiOrigins: [
      'https://www.googleapis.com',
      'https://openidconnect.googleapis.com',
      'https://admin.googleapis.com',
      'https://bigquery.googleapis.com',
      'https://chat.googleapis.com',
      'https://docs.googleapis.com',
      'https://forms.googleapis.com',
      'https://gmail.googleapis.com',
      'https://googleads.googleapis.com',
      'https://meet.googleapis.com',
      'https://people.googleapis.com',
      'https://sheets.googleapis.com',
      'https://slides.googleapis.com',
      'https://tasks.googleapis.com',
    ],
  }),
  refreshErrors: [
    { error: 'admin_policy_enforced', means: 'dead' },
    { error: 'deleted_client', means: 'app' },
  ],
};
