import type { BuiltIn } from './built-in';

/**
 * Stripe Connect by OAuth. The client secret is the platform's secret key, live or test, and the token
 * works like one of the connected account. It doesn't expire and ends with the connection. Errors are
 * RFC 6749's. Disconnecting takes the account's id, not a token, and so isn't done from here.
 *
 * Events of connected accounts name them as `account`, thin ones as `context`; events of the platform itself
 * name none.
 *
 * Sources: https://docs.stripe.com/connect/oauth-reference,
 * https://docs.stripe.com/connect/oauth-standard-accounts,
 * https://docs.stripe.com/connect/webhooks
 */
export const stripe: BuiltIn = {
  label: 'Stripe',
  oauth: (client) => ({
    ...client,
    authorizationUrl: 'https://connect.stripe.com/oauth/authorize',
    tokenUrl: 'https://connect.stripe.com/oauth/token',
    clientAuthentication: 'client_secret_post',
    scopes: ['read_only'],
    account: { tokenResponsePointer: '/stripe_user_id' },
    apiOrigins: ['https://api.stripe.com', 'https://files.stripe.com'],
  }),
  probe: { url: 'https://api.stripe.com/v1/account', everySeconds: 3600 },
  webhook: { scheme: 'stripe', accountPointer: ['/account', '/context'] },
};
