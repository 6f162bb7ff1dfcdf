import { randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProviderDeclaration } from '../../../src/providers/provider';
import { markProvider } from '../recorder/server-roles';
import { createAuthorizationCodes } from './authorization-codes';

export interface Grant {
  accessToken: string;
  refreshToken: string;
}

/** @param shown the refresh token */
export type TokenBehaviour = (
  answer: ServerResponse,
  rotate: () => Grant | null,
  shown: string,
) => void;

/**
 * A provider on loopback: rotates refresh tokens, and answers as a test tells it to. Who comes to it in a browser
 * agrees at once.
 */
export interface OAuthServer {
  url: string;
  declaration: ProviderDeclaration;
  /** A grant as its user would have connected it. */
  grant(): Grant;
  /** Every refresh token that was given, in order. */
  given(): string[];
  revokeAll(): void;
  /** Whose account a browser connects from now on; default `account-1`. */
  signedInAs(account: string): void;
  /** Whether whoever comes in a browser sees a page first, and agrees by its link. */
  asks(isAsking: boolean): void;
  /** The only client secret that is taken from now on; before, any is. */
  requireSecret(secret: string): void;
  /** How the token endpoint answers a refresh from now on; undefined for as it should. */
  behave(behaviour: TokenBehaviour | undefined): void;
  /** How its API answers from now on; undefined for as it should: 401 to a token that isn't alive. */
  behaveApi(behaviour: ((answer: ServerResponse) => void) | undefined): void;
  /** How many times its API was asked. */
  apiCalls(): number;
  /** How many times the token endpoint was asked. */
  tokenCalls(): number;
  /** How many times a refresh token was shown that no longer was the current one. */
  reuses(): number;
  close(): Promise<void>;
}

const random = () => randomBytes(18).toString('base64url');

export const answerJson = (answer: ServerResponse, status: number, body: unknown): void => {
  answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

export async function startOAuthServer({ expiresIn = 3600 } = {}): Promise<OAuthServer> {
  const refreshTokens = new Map<string, string>();
  const accessTokens = new Map<string, string>();
  const codes = createAuthorizationCodes();
  let account = 'account-1';
  let isAsking = false;
  let secret: string | undefined;
  const spent = new Set<string>();
  const given: string[] = [];
  let behaviour: TokenBehaviour | undefined;
  let apiBehaviour: ((answer: ServerResponse) => void) | undefined;
  let apiCalls = 0;
  let calls = 0;
  let reuses = 0;

  const grant = (of = account): Grant => {
    const issued = { accessToken: random(), refreshToken: random() };
    given.push(issued.refreshToken);
    refreshTokens.set(issued.refreshToken, of);
    accessTokens.set(issued.accessToken, of);
    return issued;
  };
  const rotate = (shown: string): Grant | null => {
    if (spent.has(shown)) reuses++;
    const whose = refreshTokens.get(shown);
    if (whose === undefined) return null;
    refreshTokens.delete(shown);
    spent.add(shown);
    return grant(whose);
  };
  const give = (answer: ServerResponse, issued: Grant | null) => {
    if (issued === null) answerJson(answer, 400, { error: 'invalid_grant' });
    else {
      answerJson(answer, 200, {
        access_token: issued.accessToken,
        refresh_token: issued.refreshToken,
        token_type: 'Bearer',
        expires_in: expiresIn,
      });
    }
  };
  const asItShould: TokenBehaviour = (answer, rotated) => give(answer, rotated());
  const token = (answer: ServerResponse, authorization: string | undefined, body: string) => {
    calls++;
    const [, basic = ''] = authorization?.split(' ') ?? [];
    const shownSecret = Buffer.from(basic, 'base64').toString().split(':')[1] ?? '';
    if (secret !== undefined && decodeURIComponent(shownSecret) !== secret) {
      answerJson(answer, 401, { error: 'invalid_client' });
      return;
    }
    const form = new URLSearchParams(body);
    if (form.get('grant_type') === 'authorization_code') {
      const whose = codes.redeem(form);
      give(answer, whose === null ? null : grant(whose));
      return;
    }
    const shown = form.get('refresh_token') ?? '';
    (behaviour ?? asItShould)(answer, () => rotate(shown), shown);
  };

  const server = createServer((request, answer) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { authorization } = request.headers;
      const { pathname, searchParams } = new URL(request.url ?? '/', url);
      if (pathname === '/token') {
        token(answer, authorization, Buffer.concat(chunks).toString());
        return;
      }
      if (pathname === '/authorize') {
        const location = codes.authorize(searchParams, account);
        const agree = location.replaceAll('&', '&amp;');
        const page = `<link rel="icon" href="data:,"><h1>Acme asks</h1><a href="${agree}">Agree</a>`;
        if (isAsking) answer.writeHead(200, { 'content-type': 'text/html' }).end(page);
        else answer.writeHead(302, { location }).end();
        return;
      }
      apiCalls++;
      if (apiBehaviour !== undefined) {
        apiBehaviour(answer);
        return;
      }
      const id = accessTokens.get(authorization?.replace('Bearer ', '') ?? '');
      answerJson(answer, id === undefined ? 401 : 200, { id: id ?? 'account-1' });
    });
  });
  markProvider(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    declaration: {
      oauth: {
        authorizationUrl: `${url}/authorize`,
        tokenUrl: `${url}/token`,
        clientId: 'client',
        clientSecret: 'client-secret-of-the-tests',
      },
      webhook: { scheme: 'standard-webhooks' },
    },
    grant: () => grant(),
    signedInAs: (next) => {
      account = next;
    },
    asks: (next) => {
      isAsking = next;
    },
    requireSecret: (next) => {
      secret = next;
    },
    given: () => [...given],
    revokeAll: () => {
      refreshTokens.clear();
      accessTokens.clear();
    },
    behave: (next) => {
      behaviour = next;
    },
    behaveApi: (next) => {
      apiBehaviour = next;
    },
    apiCalls: () => apiCalls,
    tokenCalls: () => calls,
    reuses: () => reuses,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
