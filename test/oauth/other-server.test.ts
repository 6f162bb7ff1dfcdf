import { OAuth2Server } from 'oauth2-mock-server';
import { authorizationRequest } from '../../src/oauth/authorize';
import { readAccount } from '../../src/oauth/account';
import { exchangeCode } from '../../src/oauth/exchange';
import { refreshTokens } from '../../src/oauth/refresh';
import { randomToken } from '../../src/crypto/hash';
import { acme } from './loopback';

const server = new OAuth2Server();
const redirectUri = 'http://localhost:3000/oauth/acme/callback';
const within = () => ({ signal: AbortSignal.timeout(10_000) });

beforeAll(async () => {
  await server.issuer.keys.generate('RS256');
  await server.start(0, '127.0.0.1');
  // Its name is `localhost` by default, and where that leads differs from machine to machine.
  server.issuer.url = `http://127.0.0.1:${server.address().port}`;
});
afterAll(() => server.stop());

it("connects to another maker's server too, and refreshes there", async () => {
  const issuer = server.issuer.url ?? '';
  const provider = acme(issuer, {
    issuer,
    scopes: ['openid'],
    account: { idTokenClaim: 'sub' },
  });
  const secrets = { state: randomToken(32), codeVerifier: randomToken(32), nonce: randomToken(32) };
  const url = await authorizationRequest(provider, { redirectUri, ...secrets });
  const { headers } = await fetch(url, { redirect: 'manual' });
  const callbackUrl = new URL(headers.get('location') ?? '');
  const result = await exchangeCode(provider, { redirectUri, callbackUrl, ...secrets }, within());
  if (result.kind !== 'exchanged') throw new Error(`${result.kind}: ${result.code}`);
  expect(await readAccount(provider, result, within())).toMatchObject({ id: 'johndoe' });

  const refreshToken = result.tokens.refreshToken ?? '';
  const refreshed = await refreshTokens(
    provider,
    { refreshToken, unansweredBefore: false },
    within(),
  );
  if (refreshed.kind !== 'refreshed') throw new Error(refreshed.code);
  expect(refreshed.tokens.accessToken).not.toBe('');

  server.service.once('beforeResponse', (response: { statusCode: number; body: unknown }) => {
    response.statusCode = 400;
    response.body = { error: 'invalid_grant' };
  });
  expect(
    await refreshTokens(provider, { refreshToken, unansweredBefore: false }, within()),
  ).toMatchObject({ kind: 'dead', code: 'invalid_grant' });
});
