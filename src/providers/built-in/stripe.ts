import type { BuiltIn } from './built-in';

/**
 * Stripe Connect by OAuth, as `read_write`: only extensions could ask for `read_only`, and none can be made since
 * 2022. It connects accounts that no other platform controls; for new applications Stripe recommends `stripe-apps`.
 * The client secret is the platform's secret key, live or test, and the token works like one of the connected
 * account. It doesn't expire and ends with the connection. Errors are RFC 6749's. Disconnecting takes the account's
 * id and the secret key, not a token.
 *
 * Events of connected accounts name them as `account`, thin ones as `context`, a path whose last part is the account
 * that the event is of; events of the platform itself name none. Stripe sends again for 3 days.
 * `account.application.deauthorized` says that the grant is gone.
 *
 * Sources: https://docs.stripe.com/connect/oauth-reference,
 * https://docs.stripe.com/connect/oauth-standard-accounts,
 * https://docs.stripe.com/connect/oauth-changes-for-standard-platforms,
 * https://docs.stripe.com/stripe-apps/migrate-extension,
 * https://docs.stripe.com/connect/webhooks,
 * https://github.com/stripe/stripe-node (StripeContext: a path, its parts divided by `/`)
 */
export const stripe: BuiltIn = {
  label: 'Stripe',
  oauth: (client) => ({
    ...client,
    authorizationUrl: 'https://connect.stripe.com/oauth/authorize',
    tokenUrl: 'https://connect.stripe.com/oauth/token',
    tokenHeaders: { authorization: 'Basic {clientSecret}:' },
    revocationUrl: 'https://connect.stripe.com/oauth/deauthorize',
    revocation: {
      method: 'POST',
      authentication: 'client_secret_basic',
      body: { client_id: '{clientId}', stripe_user_id: '{accountId}' },
    },
    scopes: ['read_write'],
    scopeLabels: { read_write: 'Read and change what is in your Stripe account' },
    account: { tokenResponsePointer: '/stripe_user_id' },
    apiOrigins: ['https://api.stripe.com', 'https://files.stripe.com'],
  }),
  probe: { url: 'https://api.stripe.com/v1/account', everySeconds: 3600 },
  webhook: {
    scheme: 'stripe',
    providerMakesSecret: true,
    accountPointer: ['/account', '/context'],
    deathEvents: ['account.application.deauthorized'],
  },
};
