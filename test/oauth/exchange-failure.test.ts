import { exchangeCode } from '../../src/oauth/exchange';
import { acme, closedPort, closeServers, serve } from './loopback';

afterEach(closeServers);

const redirectUri = 'http://localhost:3000/oauth/acme/callback';

async function exchange(port: number, query: string) {
  const result = await exchangeCode(
    acme(`http://127.0.0.1:${port}`),
    {
      callbackUrl: new URL(`http://localhost:3000/oauth/acme/callback?${query}`),
      redirectUri,
      state: 'the-state',
      codeVerifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
      nonce: null,
    },
    { signal: AbortSignal.timeout(5_000) },
  );
  if (result.kind !== 'exchanged') expect(JSON.stringify(result)).not.toContain('the-');
  return result;
}

describe('a browser that comes back with an error', () => {
  it.each([
    ['access_denied', 'denied'],
    ['login_required', 'denied'],
    ['user_was_eaten', 'denied'],
    ['server_error', 'unavailable'],
    ['temporarily_unavailable', 'unavailable'],
    ['unauthorized_client', 'app_refused'],
    ['invalid_scope', 'app_refused'],
  ])('S43 %s is %s, and nothing is asked', async (code, kind) => {
    const server = await serve((response) => response.end('{}'));
    const query = `error=${code}&error_description=the-details&state=the-state`;
    expect(await exchange(server.port, query)).toEqual({ kind, code });
    expect(server.connections).toBe(0);
  });

  it('is not believed with another state', async () => {
    const refused = { kind: 'invalid', code: 'invalid_callback' };
    expect(await exchange(1, 'error=access_denied&state=another')).toEqual(refused);
    expect(await exchange(1, 'error=access_denied')).toEqual(refused);
    expect(await exchange(1, 'code=a&code=b&state=the-state')).toEqual(refused);
  });

  it('puts no text of its own into the code', async () => {
    const query = new URLSearchParams({ error: '<script>the-evil</script>', state: 'the-state' });
    expect(await exchange(1, query.toString())).toEqual({ kind: 'denied', code: 'unreadable' });
  });
});

describe('a token endpoint that refuses the code', () => {
  it.each<[number, string, object]>([
    [400, '{"error":"invalid_grant"}', { kind: 'invalid', code: 'invalid_grant' }],
    [200, '{"error":"bad_verification_code"}', { kind: 'invalid', code: 'bad_verification_code' }],
    [200, '{"ok":false,"error":"invalid_code"}', { kind: 'invalid', code: 'invalid_code' }],
    [401, '{"error":"invalid_client"}', { kind: 'app_fault', code: 'invalid_client' }],
    [
      200,
      '{"ok":false,"error":"bad_client_secret"}',
      { kind: 'app_fault', code: 'bad_client_secret' },
    ],
    [503, '{"error":"invalid_grant"}', { kind: 'unavailable', code: 'invalid_grant' }],
    [502, '<h1>Bad gateway</h1>', { kind: 'unavailable', code: 'http_502' }],
    [200, '<h1>Hello</h1>', { kind: 'unavailable', code: 'http_200' }],
  ])('%d %s', async (status, body, failure) => {
    const server = await serve((response) => response.writeHead(status).end(body));
    expect(await exchange(server.port, 'code=the-code&state=the-state')).toEqual(failure);
  });

  it('says when to come back', async () => {
    const server = await serve((response) =>
      response.writeHead(429, { 'retry-after': '7' }).end('{}'),
    );
    expect(await exchange(server.port, 'code=the-code&state=the-state')).toEqual({
      kind: 'unavailable',
      code: 'http_429',
      retryAfterMs: 7_000,
    });
  });

  it('is unavailable where nobody listens', async () => {
    expect(await exchange(await closedPort(), 'code=the-code&state=the-state')).toEqual({
      kind: 'unavailable',
      code: 'connection_refused',
    });
  });
});

it('sends the code with the redirect address that was asked with, and the verifier', async () => {
  const server = await serve((response) => response.end('{"access_token":"a","team":{"id":"T1"}}'));
  expect(await exchange(server.port, 'code=the-code&state=the-state&extra=1')).toMatchObject({
    kind: 'exchanged',
    tokens: { accessToken: 'a' },
    answer: { team: { id: 'T1' } },
  });
  expect(Object.fromEntries(server.requests[0]?.form ?? [])).toEqual({
    grant_type: 'authorization_code',
    code: 'the-code',
    redirect_uri: redirectUri,
    code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  });
});
