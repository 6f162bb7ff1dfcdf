import type { Delivery, HandlerContext } from '../handler-api';
import type { Outgoing } from '../lib/http/guarded';
import type { ConnectedWebhook, WebhookDeclaration } from './webhook-declaration';

/** JSON Pointers (RFC 6901): of several the first that holds a value. */
export type Pointers = string | readonly string[];

/** How the client proves itself at the token endpoint (RFC 7591 section 2). */
export type ClientAuthentication = 'client_secret_basic' | 'client_secret_post' | 'none';

/** Where the account's id is found once tokens have arrived. */
export type AccountSource =
  | { url: string; pointer: Pointers; labelPointer?: string }
  | { idTokenClaim: string }
  | { tokenResponsePointer: Pointers; labelPointer?: string }
  /** What the connection brought is the account: a shop's own address names it. */
  | { parameter: string };

/** How a grant is revoked where RFC 7009 isn't spoken: the access token goes to `revocationUrl`. */
export interface RevocationDeclaration {
  method: 'POST' | 'DELETE';
  /** Who asks: the application by HTTP Basic (RFC 7617), or whoever has the access token. */
  authentication: 'client_secret_basic' | 'access_token';
  /** The member of a JSON body that holds the access token; absent: there is no body. */
  tokenMember?: string;
  /** What the body holds, in place of `tokenMember`: `{accountId}`, `{clientId}`, `{token}` and the like are filled in. */
  body?: Record<string, string>;
  /** Of `body`; default `form`. */
  format?: 'form' | 'json';
}

/** A provider's OAuth endpoints and habits, as in the configuration file. */
export interface OAuthDeclaration {
  /** For discovery (RFC 8414); else the two addresses below. */
  issuer?: string;
  authorizationUrl?: string;
  tokenUrl?: string;
  /** RFC 7009, or what `revocation` says; used when an integration is deleted. */
  revocationUrl?: string;
  revocation?: RevocationDeclaration;
  clientId: string | undefined;
  clientSecret?: string | undefined;
  clientAuthentication?: ClientAuthentication;
  scopes?: string[];
  /** Between scopes; default: a space (RFC 6749 section 3.3). */
  scopeSeparator?: ',' | ' ';
  /** `false`: the provider refuses what it gets of PKCE (RFC 7636). Default: it is sent. */
  pkce?: boolean;
  authorizationParameters?: Record<string, string>;
  /** Sent with a code to the token endpoint, not with a refresh token. */
  exchangeParameters?: Record<string, string>;
  /**
   * Further headers of token and revocation requests; one named `authorization` takes the place of
   * `clientAuthentication`. `{clientId}`, `{clientSecret}` and parameters are filled in, and what follows
   * `Basic ` is Base64-encoded.
   */
  tokenHeaders?: Record<string, string>;
  /** JSON Pointer to the object that holds `access_token`; default: the whole answer. */
  tokenPointer?: string;
  /** An error where an answer has no `error`: of the token endpoint and of the API; text or number. */
  errorPointer?: Pointers;
  /** Scopes without which nothing is connected, and a credential is dead (`scope_missing`). */
  requiredScopes?: string[];
  /** Scopes in words, for pages. */
  scopeLabels?: Record<string, string>;
  /** How long an access token lasts where the answer doesn't say. */
  expiresInSeconds?: number;
  /** How long a refresh token lasts since the last refresh, where the answer doesn't say. */
  refreshExpiresInSeconds?: number;
  /** How long a grant lasts since the consent, however often it is refreshed. */
  consentExpiresInSeconds?: number;
  /** How many grants of one account and client live side by side; a further consent ends the oldest. */
  grantsPerAccount?: number;
  /** Parts of the addresses that a connection brings, each with what it must match. */
  parameters?: Record<string, RegExp>;
  account?: AccountSource;
  /** Where `ctx.fetch` may send the token; default: the origins of the addresses above. */
  apiOrigins?: string[];
  /** The header that carries the token, bare; default: `authorization`, as RFC 6750 has it. */
  tokenHeader?: string;
}

export type RefreshErrorMeaning = 'dead' | 'transient' | 'app';

/** A provider's own reading of a token endpoint's refusal, before the common table. */
export interface RefreshErrorRule {
  status?: number;
  error?: string | number | readonly (string | number)[];
  means: RefreshErrorMeaning;
}

/** The errors that a rule names, as texts. */
export const errorsOf = ({ error }: RefreshErrorRule): readonly string[] =>
  (Array.isArray(error) ? error : error === undefined ? [] : [error]).map(String);

/** Where a token can be asked about that says nothing by expiring. */
export interface ProbeDeclaration {
  url: string;
  everySeconds: number;
  /** JSON Pointer (RFC 6901) to what is `false` where the token isn't good (RFC 7662: `/active`). */
  activePointer?: string;
}

/** A provider, declared as data. */
export interface ProviderDeclaration {
  label?: string;
  oauth?: OAuthDeclaration;
  probe?: ProbeDeclaration;
  webhook?: WebhookDeclaration;
  refreshErrors?: RefreshErrorRule[];
  /**
   * What an answer of the provider's API says, whatever its HTTP status, when the token isn't good (Slack answers 200):
   * in `error`, at `errorPointer`, or as a short text. Without it only a 401 says so.
   */
  refusedErrors?: (string | number)[];
  /** For vendors that customers host themselves: loopback and private addresses may be theirs. Default: `HOLDFAST_PRIVATE_DESTINATIONS` says. */
  privateAddresses?: 'allow';
  /** An https address of its logo, for pages; default: the first letter of its label. */
  logoUrl?: string;
}

export type Handler = (delivery: Delivery, context: HandlerContext) => Promise<void>;

/** What `holdfast.config.mjs` exports. */
export interface HoldfastConfiguration {
  providers?: Record<string, ProviderDeclaration>;
  handlers?: Record<string, Handler>;
}

/** A declared provider with its name, and how it is connected to. */
export interface Provider extends ProviderDeclaration {
  name: string;
  label: string;
  webhook?: ConnectedWebhook;
  outgoing: Outgoing;
}
