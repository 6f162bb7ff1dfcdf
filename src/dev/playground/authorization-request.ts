/** What a browser brought to the authorization endpoint (RFC 6749 section 4.1.1, RFC 7636). */
export interface AuthorizationRequest {
  redirectUri: string;
  state: string | null;
  scope: string;
  codeChallenge: string;
}

export type ReadAuthorization =
  | { kind: 'request'; request: AuthorizationRequest }
  /** The application gets to know. */
  | { kind: 'redirect'; location: string }
  /** Nobody may be redirected: who asks is not who they say (RFC 6749 section 4.1.2.1). */
  | { kind: 'refused'; message: string };

export interface RegisteredClient {
  id: string;
  redirectUri: string;
}

/** What a request may have; the consent page's form sends these again and nothing else. */
const parameterNames = [
  'response_type',
  'client_id',
  'redirect_uri',
  'state',
  'scope',
  'code_challenge',
  'code_challenge_method',
];

const challengePattern = /^[A-Za-z0-9_-]{43}$/;
export const defaultScope = 'contacts.read';

export function readAuthorization(
  params: URLSearchParams,
  client: RegisteredClient,
): ReadAuthorization {
  if (params.get('client_id') !== client.id) {
    return { kind: 'refused', message: 'This provider does not know the application that asks.' };
  }
  if (params.get('redirect_uri') !== client.redirectUri) {
    return {
      kind: 'refused',
      message: `The application asks to be answered elsewhere than at ${client.redirectUri}.`,
    };
  }
  const state = params.get('state');
  const fault = (error: string, description: string): ReadAuthorization => ({
    kind: 'redirect',
    location: withError(client.redirectUri, state, error, description),
  });
  if (params.get('response_type') !== 'code') {
    return fault('unsupported_response_type', 'response_type must be code');
  }
  const codeChallenge = params.get('code_challenge') ?? '';
  if (params.get('code_challenge_method') !== 'S256' || !challengePattern.test(codeChallenge)) {
    return fault('invalid_request', 'PKCE with S256 is required');
  }
  const scope = params.get('scope') ?? defaultScope;
  return {
    kind: 'request',
    request: { redirectUri: client.redirectUri, state, scope, codeChallenge },
  };
}

/** A request's own parameters, without whatever else came with them. */
export function ownParameters(params: URLSearchParams): [name: string, value: string][] {
  return parameterNames.flatMap((name) => {
    const value = params.get(name);
    return value === null ? [] : [[name, value]];
  });
}

export function withCode({ redirectUri, state }: AuthorizationRequest, code: string): string {
  return withParams(redirectUri, { code, state });
}

export function withError(
  redirectUri: string,
  state: string | null,
  error: string,
  description: string,
): string {
  return withParams(redirectUri, { error, error_description: description, state });
}

function withParams(address: string, params: Record<string, string | null>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(params)) {
    if (value !== null) url.searchParams.set(name, value);
  }
  return url.href;
}
