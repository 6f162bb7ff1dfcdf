import type { BuiltIn } from './built-in';

/**
 * Stripe Apps. The client secret is the secret key of the account that owns the app, live or test, and stands alone
 * in HTTP Basic. No scope is asked for: an app's permissions are in its manifest. PKCE isn't documented. Access
 * tokens last an hour, which no answer says, so that refreshing notices an uninstalled app; the refresh token lasts a
 * year and is replaced at every use. A probe would need a permission that an app may lack, and isn't needed.
 *
 * This is the address of a published app. What is still in its external test has one of its own, with a
 * `chnlink_…` in it, and needs a declaration. No revocation by OAuth is documented: an account uninstalls the app.
 *
 * Events come to the app owner's endpoint for connected accounts and name theirs as `account`, thin ones as `context`.
 *
 * Sources: https://docs.stripe.com/stripe-apps/api-authentication/oauth,
 * https://docs.stripe.com/stripe-apps/events, https://docs.stripe.com/api/apps/installs,
 * https://github.com/NangoHQ/nango (`stripe-app`: token requests as they are sent)
 */
export const stripeApps: BuiltIn = {
  label: 'Stripe',
  oauth: (client) => ({
    ...client,
    authorizationUrl: 'https://marketplace.stripe.com/oauth/v2/authorize',
    tokenUrl: 'https://api.stripe.com/v1/oauth/token',
    tokenHeaders: { authorization: 'Basic {clientSecret}:' },
    pkce: false,
    expiresInSeconds: 3600,
    refreshExpiresInSeconds: 31_536_000,
    account: { tokenResponsePointer: '/stripe_user_id' },
    apiOrigins: ['https://api.stripe.com', 'https://files.stripe.com'],
  }),
  webhook: {
    scheme: 'stripe',
    providerMakesSecret: true,
    accountPointer: ['/account', '/context'],
    deathEvents: ['account.application.deauthorized', 'apps.install.deleted'],
  },
};
