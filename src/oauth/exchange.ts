import { authorizationCodeGrant, AuthorizationResponseError } from 'openid-client';
import { HoldfastError } from '../lib/errors';
import { classifyDenial, classifyExchange, type ExchangeFailure } from './exchange-failure';
import { idTokenClaim } from './authorize';
import { type Asked, askTokenEndpoint, type GrantResponse } from './token-endpoint';
import { toTokenSet, type TokenSet } from './token-set';
import type { Parameters } from './client-configuration';
import type { Provider } from '../providers/provider';

export interface CodeExchange {
  /** The address that the browser came back to, with its query. */
  callbackUrl: URL;
  /** The same as in the authorization request; what a proxy made of it doesn't count. */
  redirectUri: string;
  state: string;
  codeVerifier: string;
  nonce: string | null;
  parameters?: Parameters | undefined;
}

/** What a code was exchanged for. All of it is secret. */
export interface Exchanged {
  kind: 'exchanged';
  tokens: TokenSet;
  /** The whole answer, for what a declaration points at. */
  answer: Readonly<Record<string, unknown>>;
  asked?: Asked;
}

/**
 * Exchanges an authorization code (RFC 6749 section 4.1.3), after checking the callback: `state`,
 * and `iss` (RFC 9207) where it was sent and the issuer is declared. Every outcome is a value:
 * nothing is thrown. A missing refresh token is the caller's to judge.
 * @param options.signal gives up; there is no other time limit
 */
export async function exchangeCode(
  provider: Provider,
  exchange: CodeExchange,
  options: { signal: AbortSignal },
): Promise<Exchanged | ExchangeFailure> {
  const idToken = idTokenClaim(provider) !== undefined;
  if (idToken && exchange.nonce === null) return { kind: 'invalid', code: 'missing_nonce' };
  const asked = await askTokenEndpoint({
    provider,
    parameters: exchange.parameters ?? {},
    signal: options.signal,
    idToken,
    grant: (configuration) =>
      authorizationCodeGrant(
        configuration,
        callbackAddress(provider, exchange),
        {
          expectedState: exchange.state,
          ...(provider.oauth?.pkce === false ? {} : { pkceCodeVerifier: exchange.codeVerifier }),
          ...(idToken && exchange.nonce !== null ? { expectedNonce: exchange.nonce } : {}),
        },
        provider.oauth?.exchangeParameters,
      ),
  });
  switch (asked.kind) {
    case 'tokens':
      return {
        ...exchanged(asked.response, asked.askedAt),
        ...(asked.asked === undefined ? {} : { asked: asked.asked }),
      };
    case 'observed':
      return classifyExchange(asked.observation, provider.refreshErrors ?? []);
    case 'invalid':
      return { kind: 'invalid', code: 'invalid_token_answer' };
    case 'not_asked':
      return notAsked(asked.error);
  }
}

/** Without a declared issuer there is nothing to compare `iss` with, and a made-up one would fail. */
function callbackAddress(provider: Provider, { redirectUri, callbackUrl }: CodeExchange): URL {
  const address = new URL(redirectUri);
  address.search = callbackUrl.search;
  if (provider.oauth?.issuer === undefined) address.searchParams.delete('iss');
  return address;
}

function exchanged(response: GrantResponse, askedAt: Date): Exchanged {
  const claims = response.claims();
  const tokens = toTokenSet(response, askedAt);
  return {
    kind: 'exchanged',
    tokens: claims === undefined ? tokens : { ...tokens, idTokenClaims: claims },
    answer: response,
  };
}

function notAsked(error: unknown): ExchangeFailure {
  if (error instanceof AuthorizationResponseError) return classifyDenial(error.error);
  if (error instanceof HoldfastError) return { kind: 'invalid', code: 'invalid_parameters' };
  return { kind: 'invalid', code: 'invalid_callback' };
}
