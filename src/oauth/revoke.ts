import * as client from 'openid-client';
import { sendOnce, type HttpRequest, type HttpResult } from '../lib/http/send-once';
import type { Provider, RevocationDeclaration, OAuthDeclaration } from '../providers/provider';
import { tokenHeader } from '../providers/token-header';
import { fillAddress } from '../providers/url-templates';
import { type RefreshObservation, observe } from './token-endpoint';
import { clientConfiguration, oauthOf, type Parameters } from './client-configuration';

interface RevocableToken {
  /** Secret. */
  value: string;
  hint: 'refresh_token' | 'access_token';
  parameters?: Parameters;
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
 * @param options.signal gives up; there is no other time limit
 */
export async function revokeToken(
  provider: Provider,
  token: RevocableToken,
  options: { signal: AbortSignal },
): Promise<RevokeResult> {
  if (!mayRevoke(provider)) return { kind: 'unsupported', what: 'endpoint' };
  const revocation = provider.oauth?.revocation;
  if (revocation !== undefined) return await asDeclared(provider, revocation, token, options);
  const wire: { result?: RevokeResult } = {};
  try {
    const configuration = await clientConfiguration(provider, token.parameters ?? {});
    if (configuration.serverMetadata().revocation_endpoint === undefined) {
      return { kind: 'unsupported', what: 'endpoint' };
    }
    configuration[client.customFetch] = async (url, init) => {
      const body = init.body instanceof URLSearchParams ? init.body.toString() : '';
      const { headers } = init;
      const answer = await sendOnce({ method: 'POST', url, headers, body, ...options });
      wire.result = resultOf(observe(answer).observation);
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
  options: { signal: AbortSignal },
): Promise<RevokeResult> {
  if (token.hint !== 'access_token') return { kind: 'unsupported', what: 'token_type' };
  try {
    const answer = await askDeclaredRevocation(provider, revocation, token, options);
    const { observation } = observe(answer);
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

/**
 * Gives a grant back in the provider's own way, by an access token.
 * @throws HoldfastError `invalid_request` where a parameter is missing or doesn't match
 */
function askDeclaredRevocation(
  provider: Provider,
  revocation: RevocationDeclaration,
  token: { value: string; parameters?: Parameters },
  { signal }: { signal: AbortSignal },
): Promise<HttpResult> {
  const oauth = oauthOf(provider);
  const { method, authentication, tokenMember } = revocation;
  const [name, value] =
    authentication === 'access_token'
      ? tokenHeader(oauth.tokenHeader, token.value)
      : ['authorization', basic(oauth)];
  const request: HttpRequest = {
    method,
    url: fillAddress(oauth.revocationUrl ?? '', oauth.parameters, token.parameters),
    headers: { [name]: value, accept: 'application/json', 'user-agent': 'holdfast' },
    signal,
  };
  if (tokenMember === undefined) return sendOnce(request);
  return sendOnce({
    ...request,
    headers: { ...request.headers, 'content-type': 'application/json' },
    body: JSON.stringify({ [tokenMember]: token.value }),
  });
}

/** RFC 7617, not RFC 6749 section 2.3.1: these addresses are APIs, which don't decode the parts. */
function basic({ clientId = '', clientSecret = '' }: OAuthDeclaration): string {
  return `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
}
