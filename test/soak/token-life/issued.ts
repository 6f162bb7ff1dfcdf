import { createHash } from 'node:crypto';

interface AccessToken {
  issuedAt: number;
  expiresAt: number;
  grantId: string;
}

/** What a provider has given out, and what of it still lives. Times are Unix milliseconds. */
export interface Issued {
  /** Takes down an answer of the token endpoint. */
  note(answer: TokenAnswer, account: string, grantId: string): void;
  revoked(grantId: string): void;
  accountOf(refreshTokenHash: string): string | undefined;
  /** Whether an access token was good at some moment of that time. */
  wasLive(accessToken: string, from: number, to: number): boolean;
}

export interface TokenAnswer {
  access_token: string;
  refresh_token?: string;
  /** Seconds. */
  expires_in: number;
}

export const hashOf = (token: string): string =>
  createHash('sha256').update(token).digest('hex').slice(0, 16);

export function createIssued(): Issued {
  const accounts = new Map<string, string>();
  const accessTokens = new Map<string, AccessToken>();
  const revokedAt = new Map<string, number>();
  return {
    note: (answer, account, grantId) => {
      const issuedAt = Date.now();
      const expiresAt = issuedAt + answer.expires_in * 1_000;
      accessTokens.set(hashOf(answer.access_token), { issuedAt, expiresAt, grantId });
      if (answer.refresh_token !== undefined) accounts.set(hashOf(answer.refresh_token), account);
    },
    revoked: (grantId) => {
      if (!revokedAt.has(grantId)) revokedAt.set(grantId, Date.now());
    },
    accountOf: (hash) => accounts.get(hash),
    wasLive: (accessToken, from, to) => {
      const known = accessTokens.get(hashOf(accessToken));
      if (known === undefined) return false;
      const endedAt = Math.min(known.expiresAt, revokedAt.get(known.grantId) ?? Infinity);
      return known.issuedAt <= to && endedAt >= from;
    },
  };
}
