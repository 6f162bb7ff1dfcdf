import { revokeToken } from '../../src/oauth/revoke';
import type { OAuthDeclaration, RevocationDeclaration } from '../../src/providers/provider';
import { openRegistry } from '../support/connections';
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
  const nowhere = { kind: 'unsupported', what: 'endpoint' };
  expect(await revoke('https://acme.example', {})).toEqual(nowhere);
  const server = await serve((response) => {
    const metadata = { issuer: origin, authorization_endpoint: origin, token_endpoint: origin };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(metadata));
  });
  const origin = `http://127.0.0.1:${server.port}`;
  const registry = openRegistry({
    providers: { acme: { oauth: { issuer: origin, clientId: 'client' } } },
  });
  const provider = registry.get('acme');
  if (provider === undefined) throw new Error('the registry lost its provider');
  const token = { value: 'the-token', hint: 'refresh_token' } as const;
  const { signal } = new AbortController();
  expect(await revokeToken(provider, token, { signal })).toEqual(nowhere);
  expect(server.requests.map(({ url }) => url)).toEqual(['/.well-known/openid-configuration']);
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

const answers = [
  [400, { error: 'invalid_token' }, {}, { kind: 'revoked' }],
  [400, { error: 'unsupported_token_type' }, {}, { kind: 'unsupported', what: 'token_type' }],
  [401, { error: 'invalid_client' }, {}, { kind: 'failed', code: 'invalid_client' }],
  [503, {}, { 'retry-after': '90' }, { kind: 'failed', code: 'http_503', retryAfterMs: 90_000 }],
] as const;
it.each(answers)('reads %i %j with %j as %j', async (status, body, headers, expected) => {
  const server = await serve((response) =>
    response.writeHead(status, headers).end(JSON.stringify(body)),
  );
  const origin = `http://127.0.0.1:${server.port}`;
  expect(await revoke(origin, { revocationUrl: `${origin}/revoke` })).toEqual(expected);
});

it('gives up on a provider that hangs', async () => {
  const server = await serve(() => undefined);
  const origin = `http://127.0.0.1:${server.port}`;
  const token = { value: 'the-token', hint: 'access_token' } as const;
  const provider = acme(origin, { revocationUrl: `${origin}/revoke` });
  expect(await revokeToken(provider, token, { signal: AbortSignal.timeout(100) })).toEqual({
    kind: 'failed',
    code: 'timeout',
  });
});

describe('a declared body', () => {
  const revocation: RevocationDeclaration = {
    method: 'POST',
    authentication: 'client_secret_basic',
    body: { client_id: '{clientId}', stripe_user_id: '{accountId}', kept: '{"else":1}' },
  };

  async function ask(oauth: Partial<OAuthDeclaration>, token: object) {
    const server = await serve((response) => response.end('{}'));
    const origin = `http://127.0.0.1:${server.port}`;
    const provider = acme(origin, { revocationUrl: `${origin}/revoke`, ...oauth });
    const given = { value: 'the-refresh', hint: 'refresh_token', ...token } as const;
    const result = await revokeToken(provider, given, { signal: AbortSignal.timeout(5_000) });
    return { result, request: server.requests[0] };
  }

  it('is filled with the account and the client, as a form, and needs no access token', async () => {
    const { result, request } = await ask({ revocation }, { accountId: 'acct_1&' });
    expect(result).toEqual({ kind: 'revoked' });
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(Object.fromEntries(request?.form ?? [])).toEqual({
      ...{ client_id: 'client', stripe_user_id: 'acct_1&', kept: '{"else":1}' },
    });
  });

  it('is filled with both tokens, as JSON, with the header that stands for the client', async () => {
    const body = { t: '{token}', r: '{refreshToken}', s: '{clientSecret}' };
    const asJson: RevocationDeclaration = { ...revocation, body, format: 'json' };
    const tokenHeaders = { authorization: 'Basic {clientSecret}:' };
    const both = { value: 'the-access', hint: 'access_token', refreshToken: 'the-refresh' };
    const { request } = await ask({ revocation: asJson, tokenHeaders }, both);
    expect(JSON.parse(request?.body ?? '')).toEqual({
      ...{ t: 'the-access', r: 'the-refresh', s: 'the-client-secret' },
    });
    const sent = Buffer.from('the-client-secret:').toString('base64');
    expect(request?.headers.authorization).toBe(`Basic ${sent}`);
  });

  it('is not sent where something that it wants is not known', async () => {
    const { result, request } = await ask({ revocation }, {});
    expect(result).toEqual({ kind: 'unsupported', what: 'token_type' });
    expect(request).toBeUndefined();
  });
});
