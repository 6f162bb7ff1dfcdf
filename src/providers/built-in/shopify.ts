import type { BuiltIn } from './built-in';

/**
 * Shopify, a shop at a time: a connection brings `shop`, and the shop is the account. Offline tokens
 * last an hour where `expiring=1` came with the code, which public apps must send from 2027 on;
 * without it they don't expire. The refresh token lasts 90 days and is replaced at every use; the one
 * before it stays good until its successor is used, for at most 30 days after its own first use. Only one offline
 * token that expires is active for an app in a shop: a new consent ends the one before it. A refresh has been answered
 * without `expires_in` (Shopify/shopify-app-js#3400), hence the declared hour. The address of the granted scopes has no version
 * and wants no scope, which makes it the probe. Which scopes an app has is set in its configuration file or, as here,
 * asked for. No revocation by OAuth is documented.
 *
 * A refresh of a grant that has ended, the app's uninstallation above all, is answered
 * 401 `{"error":"invalid_request","error_description":"This request requires an active refresh_token"}`
 * (https://community.shopify.dev/t/35182), and 404 where the shop itself is gone.
 *
 * Not done here: the callback's `hmac` is not looked at, because `state`, which is bound to the browser, protects the
 * callback, and what matters, the code, is proven to Shopify. A token that doesn't expire can't be exchanged for
 * one that does: such a shop has to be connected again before 2027.
 *
 * Webhooks are signed with the client secret; which shop they are of stands in a header. Shopify waits 5 seconds
 * and sends again 8 times in 4 hours; then the subscription is removed, so a refusal costs it. `app/uninstalled`
 * says that the grant is gone.
 *
 * Sources: https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant,
 * https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens,
 * https://shopify.dev/changelog/offline-access-tokens-now-support-expiry-and-refresh,
 * https://shopify.dev/changelog/more-resilient-refreshes-for-expiring-offline-access-tokens,
 * https://shopify.dev/docs/api/admin-rest/latest/resources/accessscope,
 * https://shopify.dev/docs/apps/build/webhooks
 */
export const shopify: BuiltIn = {
  label: 'Shopify',
  oauth: (client) => ({
    ...client,
    authorizationUrl: 'https://{shop}/admin/oauth/authorize',
    tokenUrl: 'https://{shop}/admin/oauth/access_token',
    clientAuthentication: 'client_secret_post',
    scopes: ['read_products'],
    scopeLabels: { read_products: 'Read your products' },
    scopeSeparator: ',',
    exchangeParameters: { expiring: '1' },
    expiresInSeconds: 3600,
    refreshExpiresInSeconds: 7_776_000,
    grantsPerAccount: 1,
    parameters: { shop: /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/ },
    account: { parameter: 'shop' },
    apiOrigins: ['https://{shop}'],
    tokenHeader: 'x-shopify-access-token',
  }),
  probe: { url: 'https://{shop}/admin/oauth/access_scopes.json', everySeconds: 3600 },
  refreshErrors: [
    { status: 401, error: 'invalid_request', means: 'dead' },
    { status: 404, means: 'dead' },
    { error: 'app_not_installed', means: 'dead' },
    { error: 'application_cannot_be_found', means: 'app' },
  ],
  webhook: {
    scheme: 'shopify',
    providerMakesSecret: true,
    accountHeader: ['x-shopify-shop-domain', 'shopify-shop-domain'],
    deathEvents: ['app/uninstalled'],
  },
  signsWithClientSecret: true,
};
