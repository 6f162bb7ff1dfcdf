import { authorizationCodeGrant, AuthorizationResponseError } from 'openid-client';
import { HoldfastError } from '../lib/errors';
import { classifyDenial, classifyExchange, type ExchangeFailure } from './exchange-failure';
import { idTokenClaim } from './authorize';
import { type ClientMethods, otherMethod } from './client-authentication';
import {
  type Asked,
  askTokenEndpoint,
  type TokenRequest,
  type TokenResponse,
} from './token-endpoint';
import type { TokenSet } from './token-set';
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
  asked: Asked;
}

/**
 * Exchanges an authorization code (RFC 6749 section 4.1.3), after checking the callback: `state`,
 * and `iss` (RFC 9207) where it was sent and the issuer is declared. Every outcome is a value:
 * nothing is thrown. A missing refresh token is the caller's to judge.
 * @param options.signal gives up; there is no other time limit
 * @param options.clientMethods without it a client that isn't known there is not tried in another way
 */
export async function exchangeCode(
  provider: Provider,
  exchange: CodeExchange,
  options: { signal: AbortSignal; clientMethods?: ClientMethods },
): Promise<Exchanged | ExchangeFailure> {
  const idToken = idTokenClaim(provider) !== undefined;
  if (idToken && exchange.nonce === null) return { kind: 'invalid', code: 'missing_nonce' };
  const asked = await askInEitherWay({
    provider,
    parameters: exchange.parameters ?? {},
    ...options,
    kind: idToken ? 'exchange_with_id_token' : 'exchange',
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
    case 'tokens': {
      const { tokens, document: answer } = asked;
      return { kind: 'exchanged', tokens, answer, asked: asked.asked };
    }
    case 'observed':
      return classifyExchange(asked.observation, provider.refreshErrors ?? []);
    case 'invalid':
      return { kind: 'invalid', code: 'invalid_token_answer' };
    case 'not_asked':
      return notAsked(asked.error);
  }
}

/**
 * A client that isn't known may only have proved itself in the wrong place: it is tried once in the other common way,
 * and what works is remembered. Only tokens count then: the code may be spent by the first try, and an `invalid_grant`
 * would hide what is wrong.
 */
async function askInEitherWay(request: TokenRequest): Promise<TokenResponse> {
  const first = await askTokenEndpoint(request);
  const { clientMethods } = request;
  const isUnknown =
    first.kind === 'observed' &&
    first.observation.kind === 'answered' &&
    first.observation.error === 'invalid_client';
  const { at, method: used } = first.client ?? {};
  if (!isUnknown || clientMethods === undefined || at === undefined || used === undefined) {
    return first;
  }
  const method = otherMethod(used);
  const second = await askTokenEndpoint({ ...request, method });
  if (second.kind !== 'tokens' && second.kind !== 'invalid') return first;
  await clientMethods.remember(at, method);
  return second;
}

/** Without a declared issuer there is nothing to compare `iss` with, and a made-up one would fail. */
function callbackAddress(provider: Provider, { redirectUri, callbackUrl }: CodeExchange): URL {
  const address = new URL(redirectUri);
  address.search = callbackUrl.search;
  if (provider.oauth?.issuer === undefined) address.searchParams.delete('iss');
  return address;
}

function notAsked(error: unknown): ExchangeFailure {
  if (error instanceof AuthorizationResponseError) return classifyDenial(error.error);
  if (error instanceof HoldfastError) return { kind: 'invalid', code: 'invalid_parameters' };
  return { kind: 'invalid', code: 'invalid_callback' };
}
