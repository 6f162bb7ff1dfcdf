import { readAccount } from '../../src/oauth/account';
import type { AccountSource, OAuthDeclaration } from '../../src/providers/provider';
import { acme, closedPort, closeServers, serve } from './loopback';

afterEach(closeServers);

async function read(
  source: AccountSource | undefined,
  more: { answer?: Record<string, unknown>; claims?: Record<string, unknown> } = {},
  origin = 'https://acme.example',
) {
  const { answer = {}, claims } = more;
  const oauth: Partial<OAuthDeclaration> = source === undefined ? {} : { account: source };
  const declared = { ...oauth, issuer: origin, scopes: ['openid'] };
  const tokens = {
    accessToken: 'the-token',
    ...(claims === undefined ? {} : { idTokenClaims: claims }),
  };
  const signal = AbortSignal.timeout(5_000);
  return await readAccount(acme(origin, declared), { tokens, answer }, { signal });
}

async function readAt(body: string, status = 200, headers: Record<string, string> = {}) {
  const server = await serve((response) => response.writeHead(status, headers).end(body));
  const origin = `http://127.0.0.1:${server.port}`;
  const source = {
    url: `${origin}/me?fields=id`,
    pointer: '/user/id',
    labelPointer: '/user/email',
  };
  const result = await read(source, {}, origin);
  expect(server.requests.map(({ url }) => url)).toEqual(['/me?fields=id']);
  expect(server.requests[0]?.headers.authorization).toBe('Bearer the-token');
  return result;
}

const unreadable = { kind: 'unreadable', code: 'no_account' };

it('is asked for at the declared address with the new token', async () => {
  expect(await readAt('{"user":{"id":42,"email":"ada@example.com"}}')).toEqual({
    kind: 'account',
    id: '42',
    label: 'ada@example.com',
  });
  expect(await readAt('{"user":{"id":"u1"}}')).toEqual({ kind: 'account', id: 'u1', label: null });
});

it.each(['{"user":{}}', '{"user":{"id":""}}', '{"user":{"id":null}}', '[]', 'null', 'no JSON', ''])(
  'is nobody in %p',
  async (body) => expect(await readAt(body)).toEqual(unreadable),
);

it('is read digit by digit where its number is beyond 2^53', async () => {
  const account = { kind: 'account', id: '17841405793187218', label: null };
  expect(await readAt('{"user":{"id":17841405793187218}}')).toEqual(account);
  expect(await readAt('{"user":{"id":"17841405793187218"}}')).toEqual(account);
  expect(await readAt('{"user":{"id":1.5e300}}')).toEqual(unreadable);
});

it('is stored although the database could not store what it holds', async () => {
  const body = JSON.stringify({ user: { id: 'a\0b', email: `a\ud800\0@example.com` } });
  expect(await readAt(body)).toEqual({
    kind: 'account',
    id: 'a\ufffdb',
    label: 'a\ufffd\ufffd@example.com',
  });
});

it('is found whatever the answer calls itself', async () => {
  const type = { 'content-type': 'text/html' };
  expect(await readAt('\ufeff{"user":{"id":"u1"}}', 200, type)).toMatchObject({ id: 'u1' });
});

it('is unavailable for now, or refused', async () => {
  expect(await readAt('', 503, { 'retry-after': '3' })).toEqual({
    kind: 'unavailable',
    code: 'http_503',
    retryAfterMs: 3_000,
  });
  expect(await readAt('{"user":{"id":1}}', 401)).toEqual({ kind: 'unreadable', code: 'http_401' });
  const origin = `http://127.0.0.1:${await closedPort()}`;
  expect(await read({ url: `${origin}/me`, pointer: '/id' }, {}, origin)).toEqual({
    kind: 'unavailable',
    code: 'connection_refused',
  });
});

it('sends the token nowhere but to the declared address', async () => {
  const elsewhere = await serve((response) => response.end('{"user":{"id":1}}'));
  const location = `http://127.0.0.1:${elsewhere.port}/me`;
  expect(await readAt('', 302, { location })).toEqual({ kind: 'unreadable', code: 'http_302' });
  expect(elsewhere.connections).toBe(0);
});

it('comes from the token answer or an ID token, where that is declared', async () => {
  const answer = { team: { id: 'T1' } };
  const account = (id: string) => ({ kind: 'account', id, label: null });
  expect(await read({ tokenResponsePointer: '/team/id' }, { answer })).toEqual(account('T1'));
  expect(await read({ tokenResponsePointer: '/team/name' }, { answer })).toEqual(unreadable);
  expect(await read({ idTokenClaim: 'sub' }, { claims: { sub: 'ada' } })).toEqual(account('ada'));
  expect(await read({ idTokenClaim: 'sub' })).toEqual(unreadable);
});

it('is null where none is declared', async () => {
  expect(await read(undefined)).toEqual({ kind: 'account', id: null, label: null });
});
