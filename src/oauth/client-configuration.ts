import * as client from 'openid-client';
import type { OAuthDeclaration, Provider } from '../providers/provider';
import { fillAddress } from '../providers/url-templates';
import {
  type ClientAt,
  clientAuthentication,
  clientMethod,
  type ClientMethod,
  type ClientMethods,
} from './client-authentication';
import { DiscoveryError, discoverServer } from './discovery';

/** @throws TypeError where the provider has no OAuth: callers ask only those that do */
export function oauthOf(provider: Provider): OAuthDeclaration {
  if (provider.oauth === undefined) throw new TypeError(`"${provider.name}" has no OAuth.`);
  return provider.oauth;
}

interface ClientOptions {
  clientMethods?: ClientMethods | undefined;
  /** In place of what is declared and known. */
  method?: ClientMethod | undefined;
}

/**
 * openid-client's configuration for one use, and how it authenticates.
 * @throws DiscoveryError
 * @throws HoldfastError `invalid_request` where a parameter is missing or doesn't match
 */
export async function clientConfiguration(
  provider: Provider,
  parameters: Parameters,
  options: ClientOptions = {},
): Promise<{
  configuration: client.Configuration;
  at: ClientAt;
  method: ClientMethod | undefined;
}> {
  const oauth = oauthOf(provider);
  const { clientId = '' } = oauth;
  const server = await serverMetadata(provider, parameters);
  const { origin } = new URL(server.token_endpoint);
  const { clientAuthentication: declared } = oauth;
  const at = {
    ...{ provider: provider.name, clientId, origin },
    ...(declared === undefined ? {} : { declared }),
  };
  const known = options.method ?? (await options.clientMethods?.known(at));
  const method = clientMethod(oauth, server, known);
  const authentication = clientAuthentication(oauth, method, parameters);
  const configuration = new client.Configuration(server, clientId, {}, authentication);
  // What may be plain http is decided in sendOnce, for every address alike.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out
  client.allowInsecureRequests(configuration);
  // Whoever asks something sets its own; without this it would be the global one, which connects anywhere.
  configuration[client.customFetch] = () =>
    Promise.reject(new TypeError('A request that no sendOnce makes.'));
  // The caller's signal is the time limit.
  configuration.timeout = 0;
  return { configuration, at, method };
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
  provider: Provider,
  parameters: Parameters,
): Promise<client.ServerMetadata & { token_endpoint: string }> {
  const oauth = oauthOf(provider);
  const fill = (address: string | undefined) =>
    address === undefined ? undefined : fillAddress(address, oauth.parameters, parameters);
  const issuer = fill(oauth.issuer);
  const authorization = fill(oauth.authorizationUrl);
  const token = fill(oauth.tokenUrl);
  const revocation = fill(oauth.revocationUrl);
  const complete = authorization !== undefined && token !== undefined;
  const discovered =
    complete || issuer === undefined
      ? undefined
      : await discoverServer(oauth, issuer, provider.outgoing.connect);
  const metadata = {
    ...discovered,
    ...(authorization === undefined ? {} : { authorization_endpoint: authorization }),
    ...(token === undefined ? {} : { token_endpoint: token }),
    ...(revocation === undefined ? {} : { revocation_endpoint: revocation }),
  };
  const { authorization_endpoint, token_endpoint } = metadata;
  if (!isAddress(authorization_endpoint) || !isAddress(token_endpoint)) {
    throw new DiscoveryError('The provider names no authorization or token endpoint.');
  }
  // openid-client wants an issuer; where none is declared, nothing is compared with it.
  return {
    ...metadata,
    token_endpoint,
    issuer: discovered?.issuer ?? issuer ?? new URL(token_endpoint).origin,
  };
}

/** Metadata are foreign: whatever their types say. */
function isAddress(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value);
}
