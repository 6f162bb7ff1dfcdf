import { revokeToken } from '../../src/oauth/revoke';
import type { OAuthDeclaration } from '../../src/providers/provider';
import { acme, closedPort, closeServers, serve } from './loopback';

afterEach(closeServers);

async function revoke(origin: string, oauth: Partial<OAuthDeclaration>) {
  const token = { value: 'the-token', hint: 'refresh_token' } as const;
  return await revokeToken(acme(origin, oauth), token, { signal: AbortSignal.timeout(5_000) });
}

it('gives the token back as RFC 7009 has it', async () => {
  const server = await serve((response) => response.end());
  const origin = `http://127.0.0.1:${server.port}`;
  expect(await revoke(origin, { revocationUrl: `${origin}/revoke` })).toEqual({ kind: 'revoked' });
  expect(server.requests[0]?.url).toBe('/revoke');
  expect(Object.fromEntries(server.requests[0]?.form ?? [])).toEqual({
    token: 'the-token',
    token_type_hint: 'refresh_token',
  });
});

it('takes any 2xx for done', async () => {
  const server = await serve((response) => response.writeHead(204).end());
  const origin = `http://127.0.0.1:${server.port}`;
  expect(await revoke(origin, { revocationUrl: `${origin}/revoke` })).toEqual({ kind: 'revoked' });
});

it('asks nobody where the provider has no such address', async () => {
  expect(await revoke('https://acme.example', {})).toEqual({ kind: 'unsupported' });
});

it('says why it failed, and throws nothing', async () => {
  const server = await serve((response) => response.writeHead(503).end('the-token is odd'));
  const origin = `http://127.0.0.1:${server.port}`;
  expect(await revoke(origin, { revocationUrl: `${origin}/revoke` })).toEqual({
    kind: 'failed',
    code: 'http_503',
  });
  const gone = `http://127.0.0.1:${await closedPort()}`;
  expect(await revoke(gone, { revocationUrl: `${gone}/revoke` })).toEqual({
    kind: 'failed',
    code: 'connection_refused',
  });
});
