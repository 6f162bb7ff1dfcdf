import { oauthOf } from './client-configuration';
import { sendOnce, type HttpRequest, type HttpResult } from '../lib/http/send-once';
import { fillAddress } from '../providers/url-templates';
import type { OAuthDeclaration, Provider, RevocationDeclaration } from '../providers/provider';
import { tokenHeader } from '../providers/token-header';
import type { Parameters } from './server-metadata';

/**
 * Gives a grant back in the provider's own way, by an access token.
 * @throws HoldfastError `invalid_request` where a parameter is missing or doesn't match
 */
export function askDeclaredRevocation(
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
