import { refreshTokens } from '../../../src/oauth/refresh';
import type { TokenSet } from '../../../src/oauth/token-set';
import type { OAuthDeclaration } from '../../../src/providers/provider';
import { acme, closeServers, serve } from '../loopback';

afterEach(closeServers);

async function refreshed(answer: unknown, oauth: Partial<OAuthDeclaration> = {}) {
  const server = await serve((response) => response.end(JSON.stringify(answer)));
  const outcome = await refreshTokens(
    acme(`http://127.0.0.1:${String(server.port)}`, oauth),
    { refreshToken: 'old-refresh', unansweredBefore: false },
    { signal: AbortSignal.timeout(10_000) },
  );
  if (outcome.kind !== 'refreshed') throw new Error(`not refreshed: ${outcome.code}`);
  return { tokens: outcome.tokens, requests: server.requests };
}

const tokensOf = async (answer: unknown): Promise<TokenSet> => (await refreshed(answer)).tokens;

it('S38 an answer with nothing but an access token is fine', async () => {
  expect(await tokensOf({ access_token: 'new' })).toEqual({ accessToken: 'new' });
});

it('reads all there is, and counts the lifetime from when it asked', async () => {
  const before = Date.now();
  const { expiresAt, ...tokens } = await tokensOf({
    access_token: 'new',
    token_type: 'Bearer',
    refresh_token: 'new-refresh',
    expires_in: 3600,
    scope: 'a b',
  });
  const granted = { scope: 'a b', scopes: ['a', 'b'] };
  expect(tokens).toEqual({ accessToken: 'new', refreshToken: 'new-refresh', ...granted });
  expect(expiresAt?.getTime()).toBeGreaterThanOrEqual(before + 3_600_000);
  expect(expiresAt?.getTime()).toBeLessThanOrEqual(Date.now() + 3_600_000);
});

it('takes a lifetime that is written as text', async () => {
  expect((await tokensOf({ access_token: 'new', expires_in: '60' })).expiresAt).toBeInstanceOf(
    Date,
  );
});

it.each([
  ['a lifetime', { expires_in: 'soon' }],
  ['an endless lifetime', { expires_in: 1e300 }],
  ['a lifetime of nothing', { expires_in: 0 }],
  ['a null lifetime', { expires_in: null }],
  ['a null refresh token', { refresh_token: null }],
  ['an empty refresh token', { refresh_token: '' }],
  ['a scope that is none', { scope: { read: true } }],
  ['a refresh token without an end', { refresh_expires_in: 0 }],
  ['an end that has passed', { expires_at: 1_600_000_000 }],
  ['an end that is no time', { expires_at: 'tomorrow' }],
  ["the provider's own token type", { token_type: 'bot' }],
  ['an ID token that is none', { id_token: 'not.a.token' }],
])('S38 new tokens are not lost over %s that means nothing', async (_what, more) => {
  expect(await tokensOf({ access_token: 'new', ...more })).toEqual({ accessToken: 'new' });
});

it('presents the token as RFC 6749 section 6 has it, with the client in the header', async () => {
  const { requests } = await refreshed({ access_token: 'new' });
  const [request] = requests;
  expect(Object.fromEntries(request?.form ?? [])).toEqual({
    grant_type: 'refresh_token',
    refresh_token: 'old-refresh',
  });
  const basic = Buffer.from('client:the-client-secret').toString('base64');
  expect(request?.headers).toMatchObject({
    authorization: `Basic ${basic}`,
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
  });
});

it('presents the client in the body, or without a secret, where that is declared', async () => {
  const post = await refreshed(
    { access_token: 'new' },
    { clientAuthentication: 'client_secret_post' },
  );
  expect(post.requests[0]?.form.get('client_secret')).toBe('the-client-secret');
  expect(post.requests[0]?.headers.authorization).toBeUndefined();
  const none = await refreshed({ access_token: 'new' }, { clientAuthentication: 'none' });
  expect(none.requests[0]?.form.get('client_id')).toBe('client');
  expect(none.requests[0]?.form.has('client_secret')).toBe(false);
  expect(none.requests[0]?.headers.authorization).toBeUndefined();
});
