import type { OAuthDeclaration } from '../providers/provider';

/**
 * Whether a code exchange should have brought a refresh token and did not. Google sends one only with
 * the first consent, unless it is asked for with `prompt=consent`
 * (developers.google.com/identity/protocols/oauth2/web-server#offline).
 *
 * @param hadRefreshToken whether the grant that is replaced had one
 */
export function lacksRefreshToken(
  { scopes = [], authorizationParameters = {} }: OAuthDeclaration,
  { refreshToken, expiresAt }: { refreshToken?: string | undefined; expiresAt?: Date | undefined },
  hadRefreshToken: boolean,
): boolean {
  const askedScopes = [...scopes, ...(authorizationParameters['scope']?.split(' ') ?? [])];
  const offline =
    authorizationParameters['access_type'] === 'offline' || askedScopes.includes('offline_access');
  return offline && refreshToken === undefined && (hadRefreshToken || expiresAt !== undefined);
}
