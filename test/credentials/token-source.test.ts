import { createAuthorizedFetch } from '../../src/credentials/authorized-fetch';
import type { TokenError, TokenAnswer } from '../../src/credentials/token-source';
import { api, setUp } from '../handlers/authorizing';
import { openOutgoing } from '../support/connections';
import { closeServers } from '../handlers/loopback';

const retryAt = '2026-11-21T09:00:00.000Z';
afterEach(closeServers);

test.each(['token', 'refused'] as const)(
  'a dead credential and an unavailable refresh, told by %s()',
  async (by) => {
    const { origin } = await api('another');
    const dead = setUp([origin], { [by]: { kind: 'dead', version: 1, code: 'invalid_grant' } });
    await expect(dead.authorizedFetch(origin)).rejects.toMatchObject({
      name: 'CredentialDeadError',
      credential: 'main',
      version: 1,
      code: 'invalid_grant',
    });
    const away = setUp([origin], {
      [by]: { kind: 'unavailable', version: 1, code: 'timeout', retryAt },
    });
    await expect(away.authorizedFetch(origin)).rejects.toMatchObject({
      name: 'RefreshUnavailableError',
      retryAt,
      code: 'timeout',
    });
    expect([...dead.noted, ...away.noted].map(({ name }) => name)).toEqual([
      'CredentialDeadError',
      'RefreshUnavailableError',
    ]);
  },
);

test('a source of tokens that fails is noted as unavailable, in words of ours', async () => {
  const noted: TokenError[] = [];
  const authorizedFetch = createAuthorizedFetch({
    origins: () => ['http://127.0.0.1:1'],
    tokens: {
      token: () => {
        throw new Error('s3cret');
      },
      refused: () => Promise.reject(new Error('s3cret')),
      accepted: () => Promise.resolve(),
    },
    dispatcher: openOutgoing.dispatcher,
    signal: new AbortController().signal,
    onTokenError: (error) => noted.push(error),
  });
  await expect(authorizedFetch('http://127.0.0.1:1/')).rejects.toMatchObject({
    name: 'RefreshUnavailableError',
    message: 'The credential "main" can not be refreshed now: unavailable',
    retryAt: null,
  });
  expect(noted).toHaveLength(1);
});

test('S40 a token that fits in no header is not quoted in the error', async () => {
  const token: TokenAnswer = { kind: 'alive', accessToken: 's3cret\n', version: 1 };
  const refused = setUp(['http://127.0.0.1:1'], { token }).authorizedFetch('http://127.0.0.1:1/');
  await expect(refused).rejects.toThrow('The access token fits in no header');
});
