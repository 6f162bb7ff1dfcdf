import * as client from 'openid-client';
import { sendOnce, type HttpRequest } from '../lib/http/send-once';
import type { Provider, RevocationDeclaration } from '../providers/provider';
import { tokenHeader } from '../providers/token-header';
import { fillAddress, placeholdersOf } from '../providers/url-templates';
import { observe, type RefreshObservation } from './read-answer';
import { basic, type ClientMethods, tokenHeaders } from './client-authentication';
import { clientConfiguration, oauthOf, type Parameters } from './client-configuration';

interface RevocableToken {
  /** Secret. */
  value: string;
  hint: 'refresh_token' | 'access_token';
  parameters?: Parameters;
  /** Whose grant it is; absent where nobody knows. */
  accountId?: string | undefined;
  /** Secret; for a declared body that holds it. */
  refreshToken?: string | undefined;
}

interface RevokeOptions {
  /** Gives up; there is no other time limit. */
  signal: AbortSignal;
  clientMethods?: ClientMethods;
}

export type RevokeResult =
  | { kind: 'revoked' }
  /** The provider has no revocation endpoint, or none for this kind of token: it never will. */
  | { kind: 'unsupported'; what: 'endpoint' | 'token_type' }
  /** The provider's error code, `http_503`, or why there was no answer. */
  | { kind: 'failed'; code: string; retryAfterMs?: number };

/** Whether asking can be of use; where there is an issuer, only its metadata say so. */
export function mayRevoke({ oauth }: Provider): boolean {
  return oauth?.revocationUrl !== undefined || oauth?.issuer !== undefined;
}

/**
 * Gives a token back (RFC 7009); a refresh token takes its whole grant along. A token that the
 * provider doesn't know counts as revoked, as section 2.2 has it. Nothing is thrown.
 */
export async function revokeToken(
  provider: Provider,
  token: RevocableToken,
  { signal, clientMethods }: RevokeOptions,
): Promise<RevokeResult> {
  if (!mayRevoke(provider)) return { kind: 'unsupported', what: 'endpoint' };
  const revocation = provider.oauth?.revocation;
  const { connect } = provider.outgoing;
  if (revocation !== undefined) return await asDeclared(provider, revocation, token, signal);
  const wire: { result?: RevokeResult } = {};
  try {
    const { configuration } = await clientConfiguration(provider, token.parameters ?? {}, {
      clientMethods,
    });
    if (configuration.serverMetadata().revocation_endpoint === undefined) {
      return { kind: 'unsupported', what: 'endpoint' };
    }
    configuration[client.customFetch] = async (url, init) => {
      const body = init.body instanceof URLSearchParams ? init.body.toString() : '';
      const { headers } = init;
      const answer = await sendOnce({ method: 'POST', url, headers, body, connect, signal });
      wire.result = resultOf(observe(answer, provider));
      return new Response(null, { status: wire.result.kind === 'revoked' ? 200 : 400 });
    };
    await client.tokenRevocation(configuration, token.value, { token_type_hint: token.hint });
  } catch {
    // What was seen on the wire says more, and openid-client's error may hold what was sent.
  }
  return wire.result ?? { kind: 'failed', code: 'invalid_configuration' };
}

async function asDeclared(
  provider: Provider,
  revocation: RevocationDeclaration,
  token: RevocableToken,
  signal: AbortSignal,
): Promise<RevokeResult> {
  if (token.hint !== 'access_token' && showsAccessToken(revocation)) {
    return { kind: 'unsupported', what: 'token_type' };
  }
  try {
    const request = declaredRequest(provider, revocation, token, signal);
    if (request === undefined) return { kind: 'unsupported', what: 'token_type' };
    const observation = observe(await sendOnce(request), provider);
    if (observation.kind === 'failed' || observation.error === undefined) {
      return resultOf(observation);
    }
    // Unlike RFC 7009's, this body counts: Slack's 200 may hold an error.
    const { error, retryAfterMs } = observation;
    if (provider.refusedErrors?.map(String).includes(error) === true) return { kind: 'revoked' };
    return failed(error, retryAfterMs);
  } catch {
    return { kind: 'failed', code: 'invalid_configuration' };
  }
}

/** RFC 7009 section 2.2: the body of a 2xx counts for nothing. */
function resultOf(observation: RefreshObservation): RevokeResult {
  if (observation.kind === 'failed') return { kind: 'failed', code: observation.code };
  const { status, error, retryAfterMs } = observation;
  if (status >= 200 && status < 300) return { kind: 'revoked' };
  // Not the RFC's, but what Google answers for a token that is worth nothing any more:
  // https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke
  if (status === 400 && error === 'invalid_token') return { kind: 'revoked' };
  if (error === 'unsupported_token_type') return { kind: 'unsupported', what: 'token_type' };
  return failed(error ?? `http_${String(status)}`, retryAfterMs);
}

function failed(code: string, retryAfterMs: number | undefined): RevokeResult {
  return { kind: 'failed', code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

function showsAccessToken({ authentication, body }: RevocationDeclaration): boolean {
  if (authentication === 'access_token' || body === undefined) return true;
  return Object.values(body).some((value) => value.includes('{token}'));
}

/**
 * A request to give a grant back in the provider's own way.
 * @returns undefined where the body wants something that isn't known
 * @throws HoldfastError `invalid_request` where a parameter is missing or doesn't match
 */
function declaredRequest(
  provider: Provider,
  { method, authentication, tokenMember, body, format }: RevocationDeclaration,
  token: RevocableToken,
  signal: AbortSignal,
): HttpRequest | undefined {
  const oauth = oauthOf(provider);
  const { clientId = '', clientSecret = '' } = oauth;
  const declaredHeaders = tokenHeaders(oauth, token.parameters ?? {});
  const [name, value] =
    authentication === 'access_token'
      ? tokenHeader(oauth.tokenHeader, token.value)
      : // RFC 7617, not RFC 6749 section 2.3.1: these addresses are APIs, which don't decode the parts.
        ['authorization', declaredHeaders['authorization'] ?? basic(clientId, clientSecret)];
  const request: HttpRequest = {
    method,
    url: fillAddress(oauth.revocationUrl ?? '', oauth.parameters, token.parameters),
    headers: {
      ...declaredHeaders,
      ...{ [name]: value, accept: 'application/json', 'user-agent': 'holdfast' },
    },
    connect: provider.outgoing.connect,
    signal,
  };
  const declared = body ?? (tokenMember === undefined ? undefined : { [tokenMember]: '{token}' });
  if (declared === undefined) return request;
  const members = filled(declared, {
    ...token.parameters,
    token: token.hint === 'access_token' ? token.value : undefined,
    refreshToken: token.hint === 'refresh_token' ? token.value : token.refreshToken,
    accountId: token.accountId,
    clientId: oauth.clientId,
    clientSecret: oauth.clientSecret,
  });
  if (members === undefined) return undefined;
  const isForm = body !== undefined && format !== 'json';
  const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
  return {
    ...request,
    headers: { ...request.headers, 'content-type': type },
    body: isForm ? new URLSearchParams(members).toString() : JSON.stringify(members),
  };
}

/** @returns undefined where one of the placeholders has no value; what isn't one stays as it is */
function filled(
  template: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string | undefined>>,
): Record<string, string> | undefined {
  const isMissing = (name: string) => Object.hasOwn(values, name) && values[name] === undefined;
  if (Object.values(template).flatMap(placeholdersOf).some(isMissing)) return undefined;
  const fill = (text: string) =>
    text.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
      Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
    );
  return Object.fromEntries(Object.entries(template).map(([name, text]) => [name, fill(text)]));
}
