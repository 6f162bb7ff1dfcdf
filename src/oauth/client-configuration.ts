import * as client from 'openid-client';
import type { OAuthDeclaration, Provider } from '../providers/provider';
import { fillAddress } from '../providers/url-templates';
import { DiscoveryError, discoverServer } from './discovery';

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

/** What a connection brought for the placeholders of its provider's addresses. */
export type Parameters = Readonly<Record<string, string>>;

/**
 * The provider's endpoints: as declared, the rest by discovery at the issuer. With both addresses
 * declared nothing is fetched.
 * @throws DiscoveryError
 * @throws HoldfastError `invalid_request` where a parameter is missing or doesn't match
 */
async function serverMetadata(
  oauth: OAuthDeclaration,
  parameters: Parameters,
): Promise<client.ServerMetadata> {
  const fill = (address: string | undefined) =>
    address === undefined ? undefined : fillAddress(address, oauth.parameters, parameters);
  const issuer = fill(oauth.issuer);
  const authorization = fill(oauth.authorizationUrl);
  const token = fill(oauth.tokenUrl);
  const revocation = fill(oauth.revocationUrl);
  const complete = authorization !== undefined && token !== undefined;
  const discovered =
    complete || issuer === undefined ? undefined : await discoverServer(oauth, issuer);
  const metadata = {
    ...discovered,
    ...(authorization === undefined ? {} : { authorization_endpoint: authorization }),
    ...(token === undefined ? {} : { token_endpoint: token }),
    ...(revocation === undefined ? {} : { revocation_endpoint: revocation }),
  };
  if (metadata.authorization_endpoint === undefined || metadata.token_endpoint === undefined) {
    throw new DiscoveryError('The provider names no authorization or token endpoint.');
  }
  // openid-client wants an issuer; where none is declared, nothing is compared with it.
  return {
    ...metadata,
    issuer: discovered?.issuer ?? issuer ?? new URL(metadata.token_endpoint).origin,
  };
}
