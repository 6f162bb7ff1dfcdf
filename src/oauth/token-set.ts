/** What a token endpoint gave. Secret: never in a log line or an error. */
export interface TokenSet {
  accessToken: string;
  /** Absent: of a refresh, the old one stays good; of a code exchange, there is none. */
  refreshToken?: string;
  /** Absent: unknown, which is not expired. */
  expiresAt?: Date;
  /** As the provider wrote it; absent: as asked for (RFC 6749 section 5.1). */
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

/** The parts of a token endpoint's answer that are read (RFC 6749 section 5.1), already cleaned. */
export interface TokenAnswer {
  readonly access_token: string;
  readonly refresh_token?: string | undefined;
  readonly expires_in?: number | undefined;
  readonly scope?: string | undefined;
}

/** @param askedAt when the request was made: the lifetime counts from no later than that */
export function toTokenSet(answer: TokenAnswer, askedAt: Date): TokenSet {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in, scope } = answer;
  return {
    accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(expires_in === undefined
      ? {}
      : { expiresAt: new Date(askedAt.getTime() + expires_in * 1000) }),
    ...(scope === undefined ? {} : { scope }),
  };
}
