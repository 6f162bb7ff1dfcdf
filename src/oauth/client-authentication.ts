import { type ClientAuth, ClientSecretPost, None, type ServerMetadata } from 'openid-client';
import type { OAuthDeclaration } from '../providers/provider';
import { fillAddress } from '../providers/url-templates';

/** How a client with a secret proves itself (RFC 6749 section 2.3.1): in the header, or in the body. */
export type ClientMethod = 'client_secret_basic' | 'client_secret_post';

/** A client at one of its provider's token endpoints. */
export interface ClientAt {
  /** Its name. */
  provider: string;
  clientId: string;
  /** Of the token endpoint's address. */
  origin: string;
  /** How its declaration says that it authenticates. */
  declared?: OAuthDeclaration['clientAuthentication'];
}

/** The methods that were found out, where they differ from what is declared. */
export interface ClientMethods {
  /** Never throws: where it isn't known now, or was found under another declaration, the declaration counts. */
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
  if (hasOwnAuthorization(oauth)) return undefined;
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
  parameters: Parameters,
): ClientAuth {
  const authenticate = commonAuthentication(oauth, method);
  const declared = Object.entries(tokenHeaders(oauth, parameters));
  return (server, client, body, headers) => {
    authenticate(server, client, body, headers);
    for (const [name, value] of declared) headers.set(name, value);
  };
}

function commonAuthentication(
  oauth: OAuthDeclaration,
  method: ClientMethod | undefined,
): ClientAuth {
  const { clientId = '', clientSecret = '' } = oauth;
  if (hasOwnAuthorization(oauth)) return () => undefined;
  if (method === undefined) return None();
  if (method === 'client_secret_post') return ClientSecretPost(clientSecret);
  return (_server, _client, _body, headers) => {
    headers.set('authorization', basic(formEncode(clientId), formEncode(clientSecret)));
  };
}

/** Whether a declared header stands for the client's own authentication. */
function hasOwnAuthorization({ tokenHeaders: declared = {} }: OAuthDeclaration): boolean {
  return Object.keys(declared).some((name) => name.toLowerCase() === 'authorization');
}

/** What a connection brought for its provider's placeholders. */
type Parameters = Readonly<Record<string, string>>;

/**
 * The declared headers of token and revocation requests, filled; their names in lower case.
 * @throws HoldfastError `invalid_request` where a parameter is missing or doesn't match
 */
export function tokenHeaders(
  oauth: OAuthDeclaration,
  parameters: Parameters,
): Record<string, string> {
  const { tokenHeaders: declared = {}, clientId = '', clientSecret = '' } = oauth;
  const values: Readonly<Record<string, string>> = { clientId, clientSecret };
  const fill = (template: string) =>
    template.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
      Object.hasOwn(values, name)
        ? (values[name] ?? whole)
        : fillAddress(whole, oauth.parameters, parameters),
    );
  return Object.fromEntries(
    Object.entries(declared).map(([name, template]) => {
      const [, credentials] = /^Basic (.*)$/i.exec(template) ?? [];
      const value = credentials === undefined ? fill(template) : basicOf(fill(credentials));
      return [name.toLowerCase(), value];
    }),
  );
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
