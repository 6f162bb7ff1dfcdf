import { randomToken } from '../../src/crypto/hash';
import { authorizationRequest } from '../../src/oauth/authorize';
import { exchangeCode, type CodeExchange } from '../../src/oauth/exchange';
import { readAccount } from '../../src/oauth/account';
import { refreshTokens } from '../../src/oauth/refresh';
import { revokeToken } from '../../src/oauth/revoke';
import type { OAuthDeclaration, Provider } from '../../src/providers/provider';
import * as server from './authorization-server';
import { acme, closeServers } from './loopback';

afterEach(closeServers);

const within = () => ({ signal: AbortSignal.timeout(10_000) });

function declare(issuer: string, more: Partial<OAuthDeclaration> = {}): Provider {
  return acme(issuer, {
    authorizationUrl: `${issuer}/auth`,
    issuer,
    clientId: server.clientId,
    clientSecret: server.clientSecret,
    scopes: ['openid', 'offline_access'],
    authorizationParameters: { prompt: 'consent' },
    account: { url: `${issuer}/me`, pointer: '/sub' },
    ...more,
  });
}

/** The provider without some of what it declares. */
function undeclare(provider: Provider, ...keys: (keyof OAuthDeclaration)[]): Provider {
  const kept = Object.entries(provider.oauth ?? {}).filter(
    ([key]) => !keys.includes(key as keyof OAuthDeclaration),
  );
  return { ...provider, oauth: { clientId: undefined, ...Object.fromEntries(kept) } };
}

async function visit(provider: Provider, person = 'ada') {
  const secrets = { state: randomToken(32), codeVerifier: randomToken(32), nonce: randomToken(32) };
  const { redirectUri } = server;
  const url = await authorizationRequest(provider, { redirectUri, ...secrets });
  const callbackUrl = await server.signIn(url, person);
  return { redirectUri, ...secrets, callbackUrl } satisfies CodeExchange;
}

async function connect(provider: Provider, person = 'ada') {
  const result = await exchangeCode(provider, await visit(provider, person), within());
  if (result.kind !== 'exchanged') throw new Error(`${result.kind}: ${result.code}`);
  return result;
}

async function present(provider: Provider, refreshToken: string, unansweredBefore = false) {
  const request = { refreshToken, unansweredBefore };
  const outcome = await refreshTokens(provider, request, within());
  delete outcome.asked;
  return outcome;
}

describe('from the first address to a token', () => {
  it('connects, reads the account, refreshes and revokes', async () => {
    const { issuer } = await server.startAuthorizationServer();
    const provider = declare(issuer, { revocationUrl: `${issuer}/token/revocation` });
    const { tokens, ...rest } = await connect(provider, 'grace');
    expect(tokens.expiresAt?.getTime()).toBeGreaterThan(Date.now());
    expect(tokens.refreshToken).toEqual(expect.any(String));
    expect(tokens.idTokenClaims).toBeUndefined();
    const account = await readAccount(provider, { tokens, ...rest }, within());
    expect(account).toEqual({ kind: 'account', id: 'grace', label: null });

    const first = await present(provider, tokens.refreshToken ?? '');
    if (first.kind !== 'refreshed') throw new Error(first.code);
    expect(first.tokens.accessToken).not.toBe(tokens.accessToken);
    expect(first.tokens.refreshToken).not.toBe(tokens.refreshToken);

    const value = first.tokens.refreshToken ?? '';
    expect(await revokeToken(provider, { value, hint: 'refresh_token' }, within())).toEqual({
      kind: 'revoked',
    });
    expect(await present(provider, value)).toEqual({ kind: 'dead', code: 'invalid_grant' });
  });

  it('takes the account from an ID token, whose nonce and issuer are checked', async () => {
    const { issuer } = await server.startAuthorizationServer();
    const provider = declare(issuer, { account: { idTokenClaim: 'sub' } });
    const result = await connect(provider, 'edsger');
    expect(await readAccount(provider, result, within())).toEqual({
      kind: 'account',
      id: 'edsger',
      label: null,
    });
    const stolen = { ...(await visit(provider)), nonce: randomToken(32) };
    expect(await exchangeCode(provider, stolen, within())).toEqual({
      kind: 'invalid',
      code: 'invalid_token_answer',
    });
    const lost = { ...(await visit(provider)), nonce: null };
    expect(await exchangeCode(provider, lost, within())).toEqual({
      kind: 'invalid',
      code: 'missing_nonce',
    });
  });

  it('finds the addresses by discovery', async () => {
    const { issuer } = await server.startAuthorizationServer();
    const provider = undeclare(declare(issuer), 'authorizationUrl', 'tokenUrl');
    const { tokens } = await connect(provider);
    expect(await present(provider, tokens.refreshToken ?? '')).toMatchObject({ kind: 'refreshed' });
    const token = { value: tokens.accessToken, hint: 'access_token' } as const;
    expect(await revokeToken(provider, token, within())).toEqual({ kind: 'revoked' });
  });
});

describe('S32 a provider that rotates refresh tokens and punishes their reuse', () => {
  it('goes on for as long as each is shown once', async () => {
    const { issuer, tokenRequests } = await server.startAuthorizationServer();
    const provider = declare(issuer);
    let token = (await connect(provider)).tokens.refreshToken ?? '';
    const shown = new Set<string>();
    for (let round = 0; round < 20; round += 1) {
      shown.add(token);
      const result = await present(provider, token);
      if (result.kind !== 'refreshed') throw new Error(result.code);
      token = result.tokens.refreshToken ?? '';
    }
    expect(shown.size).toBe(20);
    expect(tokenRequests()).toBe(21);
  });

  it('S36 ends the grant when one is shown twice: the new token is dead as well', async () => {
    const { issuer } = await server.startAuthorizationServer();
    const provider = declare(issuer);
    const old = (await connect(provider)).tokens.refreshToken ?? '';
    const next = await present(provider, old);
    if (next.kind !== 'refreshed') throw new Error(next.code);
    expect(await present(provider, old, true)).toEqual({ kind: 'dead', code: 'rotation_lost' });
    expect(await present(provider, next.tokens.refreshToken ?? '')).toEqual({
      kind: 'dead',
      code: 'invalid_grant',
    });
  });

  it("S29 a wrong client secret is the application's fault, and costs no grant", async () => {
    const { issuer } = await server.startAuthorizationServer();
    const provider = declare(issuer);
    const token = (await connect(provider)).tokens.refreshToken ?? '';
    const wrong = declare(issuer, { clientSecret: 'another-secret' });
    expect(await present(wrong, token)).toEqual({ kind: 'app_fault', code: 'invalid_client' });
    expect(await present(provider, token)).toMatchObject({ kind: 'refreshed' });
  });
});

describe('S43 a callback that is not as it was asked for', () => {
  it.each<[string, (callback: CodeExchange) => CodeExchange, string]>([
    ['another state', (c) => ({ ...c, state: randomToken(32) }), 'invalid_callback'],
    ['no state', (c) => without(c, 'state'), 'invalid_callback'],
    ['no code', (c) => without(c, 'code'), 'invalid_callback'],
    ['another issuer', (c) => withParameter(c, 'iss', 'https://evil.example'), 'invalid_callback'],
    ["another issuer's denial", (c) => denial(c, 'https://evil.example'), 'invalid_callback'],
    ['a made-up code', (c) => withParameter(c, 'code', 'made-up'), 'invalid_grant'],
    ['another verifier', (c) => ({ ...c, codeVerifier: randomToken(32) }), 'invalid_grant'],
  ])('is refused: %s', async (_what, change, code) => {
    const { issuer, tokenRequests } = await server.startAuthorizationServer();
    const provider = declare(issuer);
    const changed = change(await visit(provider));
    expect(await exchangeCode(provider, changed, within())).toEqual({ kind: 'invalid', code });
    expect(tokenRequests()).toBe(code === 'invalid_callback' ? 0 : 1);
  });

  it('is refused the second time', async () => {
    const { issuer } = await server.startAuthorizationServer();
    const provider = declare(issuer);
    const callback = await visit(provider);
    expect(await exchangeCode(provider, callback, within())).toMatchObject({ kind: 'exchanged' });
    expect(await exchangeCode(provider, callback, within())).toEqual({
      kind: 'invalid',
      code: 'invalid_grant',
    });
  });

  it('may come with an issuer that nobody declared', async () => {
    const { issuer } = await server.startAuthorizationServer();
    const provider = undeclare(declare(issuer), 'issuer');
    const callback = withParameter(await visit(provider), 'iss', 'https://login.acme.example');
    expect(await exchangeCode(provider, callback, within())).toMatchObject({ kind: 'exchanged' });
  });
});

function withParameter(callback: CodeExchange, name: string, value: string): CodeExchange {
  const callbackUrl = new URL(callback.callbackUrl);
  callbackUrl.searchParams.set(name, value);
  return { ...callback, callbackUrl };
}

/** What another server would send, to have its own error believed. */
function denial(callback: CodeExchange, iss: string): CodeExchange {
  const changed = withParameter(without(callback, 'code'), 'error', 'access_denied');
  return withParameter(changed, 'iss', iss);
}

function without(callback: CodeExchange, name: string): CodeExchange {
  const callbackUrl = new URL(callback.callbackUrl);
  callbackUrl.searchParams.delete(name);
  return { ...callback, callbackUrl };
}
