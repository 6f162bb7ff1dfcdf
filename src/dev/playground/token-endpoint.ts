import type { AuthorizationCodes } from './authorization-codes';
import type { Counts } from './counts';
import type { Grants, TokenAnswer } from './grants';

type OAuthError = 'invalid_request' | 'invalid_grant' | 'unsupported_grant_type';

/** A token endpoint's answer: 200, or 400 with an error (RFC 6749 section 5). */
export type TokenEndpointAnswer =
  | { status: 200; body: TokenAnswer }
  | { status: 400; body: { error: OAuthError; error_description: string } };

export interface TokenEndpointDeps {
  grants: Grants;
  codes: AuthorizationCodes;
  counts: Counts;
}

/** @param form of a request whose client was recognised */
export function answerTokenRequest(
  deps: TokenEndpointDeps,
  form: URLSearchParams,
): TokenEndpointAnswer {
  const answer = decide(deps, form);
  if (answer.status !== 200) deps.counts.refused += 1;
  return answer;
}

function decide(deps: TokenEndpointDeps, form: URLSearchParams): TokenEndpointAnswer {
  const names = [...form.keys()];
  if (new Set(names).size !== names.length) {
    return refuse('invalid_request', 'a parameter is there twice');
  }
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return exchange(deps, form);
    case 'refresh_token':
      return refresh(deps, form);
    case null:
      return refuse('invalid_request', 'grant_type is missing');
    default:
      return refuse('unsupported_grant_type', 'authorization_code or refresh_token');
  }
}

function exchange({ grants, codes, counts }: TokenEndpointDeps, form: URLSearchParams) {
  const redirectUri = form.get('redirect_uri') ?? '';
  const redeemed = codes.redeem(
    form.get('code') ?? '',
    redirectUri,
    form.get('code_verifier') ?? '',
  );
  if (redeemed.kind === 'replayed') {
    // RFC 6749 section 4.1.2: what was issued for a stolen code goes.
    grants.revoke(redeemed.grantId, 'its code was used twice');
  }
  if (redeemed.kind !== 'good') return refuse('invalid_grant', 'the code is not good');
  const { grantId, answer } = grants.open(redeemed.code.account, redeemed.code.scope);
  redeemed.code.grantId = grantId;
  counts.exchanges += 1;
  return { status: 200 as const, body: answer };
}

function refresh({ grants, counts }: TokenEndpointDeps, form: URLSearchParams) {
  const token = form.get('refresh_token');
  if (token === null) return refuse('invalid_request', 'refresh_token is missing');
  const refreshed = grants.refresh(token);
  if (refreshed.kind === 'reused') counts.reuses += 1;
  if (refreshed.kind !== 'refreshed')
    return refuse('invalid_grant', 'the refresh token is not good');
  counts.refreshes += 1;
  return { status: 200 as const, body: refreshed.answer };
}

function refuse(error: OAuthError, description: string): TokenEndpointAnswer {
  return { status: 400, body: { error, error_description: description } };
}
