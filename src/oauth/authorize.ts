import { buildAuthorizationUrl, calculatePKCECodeChallenge } from 'openid-client';
import type { Provider } from '../providers/provider';
import { clientConfiguration, oauthOf, type Parameters } from './client-configuration';

export interface AuthorizationRequest {
  redirectUri: string;
  state: string;
  /** RFC 7636 section 4.1: 43 to 128 unreserved characters (`randomToken(32)`). */
  codeVerifier: string;
  /** Sent where the account comes from an ID token; `exchangeCode` wants the same one. */
  nonce: string;
  /** What fills the placeholders of the provider's addresses. */
  parameters?: Parameters | undefined;
  /** In place of the declared one (`consent`, where a refresh token did not come). */
  prompt?: string | undefined;
}

/**
 * Where to send the browser (RFC 6749 section 4.1.1, with PKCE S256). What the declaration adds
 * can't replace what makes the request safe.
 * @throws DiscoveryError where the provider's metadata can't be read
 * @throws HoldfastError `invalid_request` where a parameter is missing or doesn't match
 */
export async function authorizationRequest(
  provider: Provider,
  request: AuthorizationRequest,
): Promise<URL> {
  const { scopes = [], scopeSeparator = ' ', authorizationParameters, pkce } = oauthOf(provider);
  const { redirectUri, state, codeVerifier, nonce, parameters = {}, prompt } = request;
  const { configuration } = await clientConfiguration(provider, parameters);
  return buildAuthorizationUrl(configuration, {
    ...(scopes.length === 0 ? {} : { scope: scopes.join(scopeSeparator) }),
    ...authorizationParameters,
    ...(prompt === undefined ? {} : { prompt }),
    ...(idTokenClaim(provider) === undefined ? {} : { nonce }),
    client_id: configuration.clientMetadata().client_id,
    response_type: 'code',
    redirect_uri: new URL(redirectUri).href,
    state,
    ...(pkce === false ? {} : await challenge(codeVerifier)),
  });
}

async function challenge(codeVerifier: string): Promise<Record<string, string>> {
  return {
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  };
}

/** The ID token's claim that names the account, where the provider's account comes from there. */
export function idTokenClaim(provider: Provider): string | undefined {
  const source = provider.oauth?.account;
  return source !== undefined && 'idTokenClaim' in source ? source.idTokenClaim : undefined;
}
