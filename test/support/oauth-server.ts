import { randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProviderDeclaration } from '../../src/providers/provider';

export interface Grant {
  accessToken: string;
  refreshToken: string;
}

export type TokenBehaviour = (answer: ServerResponse, rotate: () => Grant | null) => void;

/** A provider on loopback: rotates refresh tokens, and answers as a test tells it to. */
export interface OAuthServer {
  url: string;
  declaration: ProviderDeclaration;
  /** A grant as its user would have connected it. */
  grant(): Grant;
  revokeAll(): void;
  /** How the token endpoint answers from now on; undefined for as it should. */
  behave(behaviour: TokenBehaviour | undefined): void;
  /** How many times the token endpoint was asked. */
  tokenCalls(): number;
  /** How many times a refresh token was shown that no longer was the current one. */
  reuses(): number;
  close(): Promise<void>;
}

const token = () => randomBytes(18).toString('base64url');

export const answerJson = (answer: ServerResponse, status: number, body: unknown): void => {
  answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

export async function startOAuthServer({ expiresIn = 3600 } = {}): Promise<OAuthServer> {
  const refreshTokens = new Set<string>();
  const accessTokens = new Set<string>();
  const spent = new Set<string>();
  let behaviour: TokenBehaviour | undefined;
  let calls = 0;
  let reuses = 0;

  const grant = (): Grant => {
    const issued = { accessToken: token(), refreshToken: token() };
    refreshTokens.add(issued.refreshToken);
    accessTokens.add(issued.accessToken);
    return issued;
  };
  const rotate = (shown: string): Grant | null => {
    if (spent.has(shown)) reuses++;
    if (!refreshTokens.delete(shown)) return null;
    spent.add(shown);
    return grant();
  };
  const asItShould: TokenBehaviour = (answer, rotated) => {
    const issued = rotated();
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

  const server = createServer((request, answer) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url === '/token') {
        calls++;
        const shown = new URLSearchParams(Buffer.concat(chunks).toString()).get('refresh_token');
        (behaviour ?? asItShould)(answer, () => rotate(shown ?? ''));
        return;
      }
      const bearer = request.headers.authorization?.replace('Bearer ', '') ?? '';
      answerJson(answer, accessTokens.has(bearer) ? 200 : 401, { id: 'account-1' });
    });
  });
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
    grant,
    revokeAll: () => {
      refreshTokens.clear();
      accessTokens.clear();
    },
    behave: (next) => {
      behaviour = next;
    },
    tokenCalls: () => calls,
    reuses: () => reuses,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
