import type { ServerMetadata } from 'openid-client';
import { DiscoveryError, discoverServer } from './discovery';
import { fillAddress } from '../providers/url-templates';
import type { OAuthDeclaration } from '../providers/provider';

/** What a connection brought for the placeholders of its provider's addresses. */
export type Parameters = Readonly<Record<string, string>>;

/**
 * The provider's endpoints: as declared, the rest by discovery at the issuer. With both addresses
 * declared nothing is fetched.
 * @throws DiscoveryError
 * @throws HoldfastError `invalid_request` where a parameter is missing or doesn't match
 */
export async function serverMetadata(
  oauth: OAuthDeclaration,
  parameters: Parameters,
): Promise<ServerMetadata> {
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
