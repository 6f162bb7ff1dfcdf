import { createAuthorizedFetch } from '../../src/credentials/authorized-fetch';
import type { DeclaredRejections } from '../../src/credentials/rejected-token-response';
import type { TokenError, TokenAnswer, TokenSource } from '../../src/credentials/token-source';
import { openOutgoing } from '../support/connections';
import { httpServer } from './loopback';

const alive = (version: number): TokenAnswer => ({
  kind: 'alive',
  accessToken: `token-${version}`,
  version,
});

const refusedToo: TokenAnswer = {
  kind: 'unavailable',
  version: 2,
  code: 'access_refused',
  retryAt: '2026-11-21T09:00:00.000Z',
};

/** Token 1, token 2 after a refusal, and none after another, unless said otherwise. */
export function setUp(
  origins: string[],
  answers: { token?: TokenAnswer; refused?: TokenAnswer } = {},
  declared: DeclaredRejections & { tokenHeader?: string; isOver?: () => boolean } = {},
) {
  const asked: string[] = [];
  const noted: TokenError[] = [];
  const controller = new AbortController();
  const tokens: TokenSource = {
    token: (credential) => {
      asked.push(`token ${credential}`);
      return Promise.resolve(answers.token ?? alive(1));
    },
    refused: (credential, version) => {
      asked.push(`refused ${credential} ${version}`);
      const fresh = version === 1 ? alive(2) : refusedToo;
      return Promise.resolve(answers.refused ?? fresh);
    },
    accepted: (credential, version) => {
      asked.push(`accepted ${credential} ${version}`);
      return Promise.resolve();
    },
  };
  const authorizedFetch = createAuthorizedFetch({
    origins: () => origins,
    tokens,
    dispatcher: openOutgoing.dispatcher,
    ...declared,
    signal: controller.signal,
    onTokenError: (error) => noted.push(error),
  });
  return { authorizedFetch, asked, noted, controller };
}

/** An API that takes one token and answers 401 to any other. */
export const api = (accepted: string) =>
  httpServer((response, { headers, body }) => {
    const known = headers.authorization === `Bearer ${accepted}`;
    response.writeHead(known ? 200 : 401).end(body);
  });
