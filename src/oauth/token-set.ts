import { storedText } from '../lib/storable-text';
import type { OAuthDeclaration } from '../providers/provider';
import { asObject } from './read-answer';

/** What a token endpoint gave. Secret: never in a log line or an error. */
export interface TokenSet {
  accessToken: string;
  /** Absent: of a refresh, the old one stays good; of a code exchange, there is none. */
  refreshToken?: string;
  /** Absent: unknown, which is not expired. */
  expiresAt?: Date;
  /** As the provider wrote it, but storable; absent: as asked for (RFC 6749 section 5.1). */
  scope?: string;
  /** The same, one by one. */
  scopes?: string[];
  /** When the refresh token ends, by the provider's word. */
  refreshExpiresAt?: Date;
  /** No refresh moves `refreshExpiresAt`. */
  refreshEndIsFixed?: true;
  /** Validated, where the provider's account comes from the ID token. */
  idTokenClaims?: Readonly<Record<string, unknown>>;
}

/** What of the declaration says how the tokens of an answer are read. */
export type TokenHabits = Pick<OAuthDeclaration, 'expiresInSeconds' | 'scopeSeparator'>;

/**
 * Reads the object that holds `access_token`. Once tokens have come, the old refresh token may be gone: a field beside
 * them that can't be read counts as absent, and one that can't be stored is stored with a replacement, so that the new
 * tokens are not lost over it.
 *
 * @param asked.at when the request was made: lifetimes count from no later than that
 * @param asked.hasRefreshToken there is one already. Without any, the declared lifetime counts for nothing: a token that
 *   doesn't expire (of an older Shopify app) would be given up for ended
 * @returns undefined where there is no access token
 */
export function readTokenSet(
  from: unknown,
  { expiresInSeconds, scopeSeparator }: TokenHabits,
  { at: askedAt, hasRefreshToken }: { at: Date; hasRefreshToken: boolean },
): TokenSet | undefined {
  const fields = asObject(from);
  const { access_token: accessToken, refresh_token: refreshToken } = fields;
  if (!isText(accessToken)) return undefined;
  const expiresAt =
    after(fields['expires_in'], askedAt) ??
    asDate(fields['expires_at'], askedAt) ??
    (hasRefreshToken || isText(refreshToken) ? after(expiresInSeconds, askedAt) : undefined);
  return {
    accessToken,
    ...(isText(refreshToken) ? { refreshToken } : {}),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...readScopes(fields, scopeSeparator),
    ...readRefreshEnd(fields, askedAt),
  };
}

/**
 * Google, Shopify and GitHub: `refresh_token_expires_in`; Intuit: `x_refresh_token_expires_in`, which a refresh moves,
 * and `x_refresh_token_hard_expires_in`, which none does; Keycloak: `refresh_expires_in`, 0 for an offline token; Square:
 * `refresh_token_expires_at`.
 */
function readRefreshEnd(
  fields: Readonly<Record<string, unknown>>,
  askedAt: Date,
): Pick<TokenSet, 'refreshExpiresAt' | 'refreshEndIsFixed'> {
  const moving =
    after(fields['refresh_token_expires_in'], askedAt) ??
    after(fields['x_refresh_token_expires_in'], askedAt) ??
    after(fields['refresh_expires_in'], askedAt) ??
    asDate(fields['refresh_token_expires_at'], askedAt);
  const fixed = after(fields['x_refresh_token_hard_expires_in'], askedAt);
  if (fixed !== undefined && (moving === undefined || fixed <= moving)) {
    return { refreshExpiresAt: fixed, refreshEndIsFixed: true };
  }
  return moving === undefined ? {} : { refreshExpiresAt: moving };
}

const longestScope = 10_000;

/** A text (RFC 6749 section 3.3), or a list, in `scope` or `scopes`. */
function readScopes(
  fields: Readonly<Record<string, unknown>>,
  separator: OAuthDeclaration['scopeSeparator'],
): Pick<TokenSet, 'scope' | 'scopes'> {
  // A comma may be part of a scope only where the declaration says that spaces stand between them.
  const between = separator === ' ' ? /\s+/ : /[\s,]+/;
  for (const said of [fields['scope'], fields['scopes']]) {
    const list = Array.isArray(said) ? said.filter(isText) : [said].filter(isText);
    const scope = storedText(list.join(separator ?? ' '), longestScope);
    const scopes = scope.split(between).filter(isText);
    if (scopes.length > 0) return { scope, scopes: [...new Set(scopes)] };
  }
  return {};
}

/** Beyond it a lifetime is a mistake, and its date could not be represented. */
const longestLifetimeSeconds = 100 * 365 * 24 * 60 * 60;

/** The end of a lifetime in seconds, as number or text. */
function after(lifetime: unknown, askedAt: Date): Date | undefined {
  const seconds = asNumber(lifetime);
  if (!(seconds > 0 && seconds <= longestLifetimeSeconds)) return undefined;
  return new Date(askedAt.getTime() + Math.round(seconds * 1000));
}

/** From here on a number can only be milliseconds since 1970, up to here only seconds. */
const leastMilliseconds = 100_000_000_000;

/** A time to come: seconds or milliseconds since 1970, or a date (RFC 3339); without a zone it is UTC. */
function asDate(value: unknown, askedAt: Date): Date | undefined {
  const number = asNumber(value);
  const ms = Number.isNaN(number)
    ? fromText(value)
    : number < leastMilliseconds
      ? number * 1000
      : number;
  return after((ms - askedAt.getTime()) / 1000, askedAt);
}

function fromText(value: unknown): number {
  if (!isText(value) || !/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(value)) return NaN;
  return Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`);
}

function asNumber(value: unknown): number {
  return isText(value) ? Number(value) : typeof value === 'number' ? value : NaN;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
