import * as client from 'openid-client';
import { serverMetadata, type Parameters } from './server-metadata';
import type { OAuthDeclaration, Provider } from '../providers/provider';

/** @throws TypeError where the provider has no OAuth: callers ask only those that do */
export function oauthOf(provider: Provider): OAuthDeclaration {
  if (provider.oauth === undefined) throw new TypeError(`"${provider.name}" has no OAuth.`);
  return provider.oauth;
}

/**
 * openid-client's configuration for one use.
 * @throws DiscoveryError
 * @throws HoldfastError `invalid_request` where a parameter is missing or doesn't match
 */
export async function clientConfiguration(
  provider: Provider,
  parameters: Parameters,
): Promise<client.Configuration> {
  const oauth = oauthOf(provider);
  const configuration = new client.Configuration(
    await serverMetadata(oauth, parameters),
    oauth.clientId ?? '',
    {},
    clientAuthentication(oauth),
  );
  // What may be plain http is decided in sendOnce, for every address alike.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out
  client.allowInsecureRequests(configuration);
  // The caller's signal is the time limit.
  configuration.timeout = 0;
  return configuration;
}

/** RFC 6749 section 2.3.1. A client without a secret is a public one. */
function clientAuthentication(oauth: OAuthDeclaration): client.ClientAuth {
  const { clientSecret } = oauth;
  const method = oauth.clientAuthentication ?? 'client_secret_basic';
  if (clientSecret === undefined || method === 'none') return client.None();
  return method === 'client_secret_post'
    ? client.ClientSecretPost(clientSecret)
    : client.ClientSecretBasic(clientSecret);
}
