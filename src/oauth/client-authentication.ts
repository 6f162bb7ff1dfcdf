import { type ClientAuth, ClientSecretPost, None, type ServerMetadata } from 'openid-client';
import type { OAuthDeclaration } from '../providers/provider';

/** How a client with a secret proves itself (RFC 6749 section 2.3.1): in the header, or in the body. */
export type ClientMethod = 'client_secret_basic' | 'client_secret_post';

/** A client at one of its provider's token endpoints. */
export interface ClientAt {
  /** Its name. */
  provider: string;
  clientId: string;
  /** Of the token endpoint's address. */
  origin: string;
}

/** The methods that were found out, where they differ from what is declared. */
export interface ClientMethods {
  /** Never throws: where it isn't known now, the declaration counts. */
  known(at: ClientAt): Promise<ClientMethod | undefined>;
  /** Never throws. */
  remember(at: ClientAt, method: ClientMethod): Promise<void>;
}

/**
 * What was found out, else what is declared, else the first of the common ways that the server's metadata names
 * (RFC 8414 section 2), else HTTP Basic.
 *
 * @returns undefined where there is no choice: without a secret, or where headers are declared for it
 */
export function clientMethod(
  oauth: OAuthDeclaration,
  server: ServerMetadata,
  known: ClientMethod | undefined,
): ClientMethod | undefined {
  const { clientAuthentication, clientSecret } = oauth;
  if (clientSecret === undefined || clientAuthentication === 'none') return undefined;
  if (ownAuthorization(oauth) !== undefined) return undefined;
  // Foreign: whatever its type says.
  const supported: unknown = server.token_endpoint_auth_methods_supported;
  const named = commonMethods.find(
    (method) => Array.isArray(supported) && supported.includes(method),
  );
  return known ?? clientAuthentication ?? named ?? 'client_secret_basic';
}

const commonMethods: readonly ClientMethod[] = ['client_secret_basic', 'client_secret_post'];

export const otherMethod = (method: ClientMethod): ClientMethod =>
  method === 'client_secret_basic' ? 'client_secret_post' : 'client_secret_basic';

/** A client without a secret is a public one. */
export function clientAuthentication(
  oauth: OAuthDeclaration,
  method: ClientMethod | undefined,
): ClientAuth {
  const authenticate = commonAuthentication(oauth, method);
  return (server, client, body, headers) => {
    authenticate(server, client, body, headers);
    for (const [name, value] of tokenHeaders(oauth)) headers.set(name, value);
  };
}

function commonAuthentication(
  oauth: OAuthDeclaration,
  method: ClientMethod | undefined,
): ClientAuth {
  const { clientId = '', clientSecret = '' } = oauth;
  if (ownAuthorization(oauth) !== undefined) return () => undefined;
  if (method === undefined) return None();
  if (method === 'client_secret_post') return ClientSecretPost(clientSecret);
  return (_server, _client, _body, headers) => {
    headers.set('authorization', basic(formEncode(clientId), formEncode(clientSecret)));
  };
}

/** The declared header that stands for the client's own authentication, if there is one. */
export function ownAuthorization(oauth: OAuthDeclaration): string | undefined {
  return tokenHeaders(oauth).find(([name]) => name === 'authorization')?.[1];
}

/** The declared headers of token and revocation requests, filled; their names in lower case. */
export function tokenHeaders({
  tokenHeaders: declared = {},
  clientId = '',
  clientSecret = '',
}: OAuthDeclaration): [name: string, value: string][] {
  return Object.entries(declared).map(([name, template]) => {
    const value = template
      .replaceAll('{clientId}', () => clientId)
      .replaceAll('{clientSecret}', () => clientSecret);
    const [, credentials] = /^Basic (.*)$/i.exec(value) ?? [];
    return [name.toLowerCase(), credentials === undefined ? value : basicOf(credentials)];
  });
}

/** RFC 7617. */
export const basic = (name: string, password: string): string => basicOf(`${name}:${password}`);

const basicOf = (credentials: string): string =>
  `Basic ${Buffer.from(credentials).toString('base64')}`;

/**
 * RFC 6749 appendix B, but what RFC 3986 section 2.3 calls unreserved stays as it is: many servers don't decode, and a
 * secret such as GitLab's `gloas-…` would be another one to them.
 */
function formEncode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll(/[!*'()]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
