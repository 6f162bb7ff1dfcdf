import type { BuiltIn } from './built-in';

/**
 * Shopify, a shop at a time: a connection brings `shop`, and the shop is the account. Offline tokens
 * last an hour where `expiring=1` came with the code, which public apps must send from 2027 on;
 * without it they don't expire. The refresh token lasts 90 days and is replaced at every use; the one
 * before it stays good until its successor is used. The address of the granted scopes has no version
 * and wants no scope, which makes it the probe. Which scopes an app has is set in its configuration
 * file or, as here, asked for.
 *
 * Webhooks are signed with the client secret; which shop they are of stands in a header.
 *
 * Sources: https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant,
 * https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens,
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
    scopeSeparator: ',',
    exchangeParameters: { expiring: '1' },
    parameters: { shop: /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/ },
    account: { parameter: 'shop' },
    apiOrigins: ['https://{shop}'],
    tokenHeader: 'x-shopify-access-token',
  }),
  probe: { url: 'https://{shop}/admin/oauth/access_scopes.json', everySeconds: 3600 },
  refreshErrors: [
    { error: 'app_not_installed', means: 'dead' },
    { error: 'application_cannot_be_found', means: 'app' },
  ],
  webhook: { scheme: 'shopify', accountHeader: ['x-shopify-shop-domain', 'shopify-shop-domain'] },
  signsWithClientSecret: true,
};
