import { randomToken } from '../../crypto/hash';
import { mintToken, readToken } from './signed-token';
import type { Grant, StateFile } from './state';

/** A token endpoint's answer (RFC 6749 section 5.1). */
export interface TokenAnswer {
  access_token: string;
  token_type: 'Bearer';
  /** Seconds. */
  expires_in: number;
  refresh_token: string;
  scope: string;
}

export type Refreshed =
  { kind: 'refreshed'; answer: TokenAnswer } | { kind: 'refused' } | { kind: 'reused' };

export interface Grants {
  /** Newest first. */
  list(): readonly Grant[];
  open(account: string, scope: string): { grantId: string; answer: TokenAnswer };
  refresh(token: string): Refreshed;
  /** The grant behind a live access token. */
  bearer(token: string): Grant | undefined;
  /** @returns whether there was a live one */
  revoke(grantId: string, because: string): boolean;
  /** RFC 7009: either token ends the whole grant; an unknown one is no error. */
  revokeToken(token: string): void;
}

/** Ended grants are kept this long for the page; a token of one that is gone is refused all the same. */
const keptEnded = 20;

/** Whom this provider lets in, and with which tokens. */
export function createGrants(file: StateFile, accessTokenSeconds: number): Grants {
  const { state } = file;
  const find = (id: string) => state.grants.find((grant) => grant.id === id);
  const live = (id: string) => {
    const grant = find(id);
    return grant?.revokedAt === null ? grant : undefined;
  };

  const issue = ({ id, generation, scope }: Grant): TokenAnswer => {
    const endsAt = Date.now() + accessTokenSeconds * 1000;
    return {
      access_token: mintToken(state.tokenKey, { kind: 'access', grantId: id, value: endsAt }),
      token_type: 'Bearer',
      expires_in: accessTokenSeconds,
      refresh_token: mintToken(state.tokenKey, { kind: 'refresh', grantId: id, value: generation }),
      scope,
    };
  };

  const revoke = (grantId: string, because: string): boolean => {
    const grant = live(grantId);
    if (grant === undefined) return false;
    grant.revokedAt = new Date().toISOString();
    grant.revokedBecause = because;
    file.save();
    return true;
  };

  return {
    list: () => [...state.grants].reverse(),
    open: (account, scope) => {
      const grant: Grant = {
        id: randomToken(9),
        account,
        scope,
        createdAt: new Date().toISOString(),
        generation: 0,
        refreshedAt: null,
        revokedAt: null,
        revokedBecause: null,
      };
      state.grants = [...withoutOldest(state.grants), grant];
      file.save();
      return { grantId: grant.id, answer: issue(grant) };
    },
    refresh: (token) => {
      const content = readToken(state.tokenKey, token);
      if (content?.kind !== 'refresh') return { kind: 'refused' };
      const grant = live(content.grantId);
      if (grant === undefined) return { kind: 'refused' };
      // A token that was changed for another comes from a copy: nobody can tell which of the two
      // holders is the thief, so both lose it (RFC 9700 section 4.14.2).
      if (content.value !== grant.generation) {
        revoke(grant.id, 'a refresh token was used twice');
        return { kind: 'reused' };
      }
      grant.generation += 1;
      grant.refreshedAt = new Date().toISOString();
      file.save();
      return { kind: 'refreshed', answer: issue(grant) };
    },
    bearer: (token) => {
      const content = readToken(state.tokenKey, token);
      if (content?.kind !== 'access' || content.value <= Date.now()) return undefined;
      return live(content.grantId);
    },
    revoke,
    revokeToken: (token) => {
      const content = readToken(state.tokenKey, token);
      if (content !== undefined) revoke(content.grantId, 'the application gave it back');
    },
  };
}

function withoutOldest(grants: readonly Grant[]): Grant[] {
  const ended = grants.filter(({ revokedAt }) => revokedAt !== null);
  const dropped = new Set(ended.slice(0, Math.max(0, ended.length - keptEnded)));
  return grants.filter((grant) => !dropped.has(grant));
}
