import http from 'node:http';
import net from 'node:net';
import tls from 'node:tls';
import { refreshTokens, type RefreshOptions } from '../../src/oauth/refresh';
import type { Provider } from '../../src/providers/provider';
import { acme, closedPort, closeServers, listen, serve } from './loopback';

afterEach(closeServers);

const refreshToken = 'the-refresh-token';

async function refresh(
  provider: Provider,
  options: Partial<RefreshOptions> & { unansweredBefore?: boolean; timeoutMs?: number } = {},
) {
  const { unansweredBefore = false, timeoutMs = 10_000, ...rest } = options;
  const outcome = await refreshTokens(
    provider,
    { refreshToken, unansweredBefore },
    { signal: AbortSignal.timeout(timeoutMs), ...rest },
  );
  expect(JSON.stringify(outcome)).not.toContain('the-');
  return outcome;
}

type Answer = [status: number, body: string, headers?: Record<string, string>];
const json = { 'content-type': 'application/json' };

async function refreshAgainst(
  [status, body, headers = json]: Answer,
  options: { rules?: Provider['refreshErrors']; unansweredBefore?: boolean } = {},
) {
  const server = await serve((response) => response.writeHead(status, headers).end(body));
  const rules = options.rules === undefined ? {} : { refreshErrors: options.rules };
  const provider = acme(`http://127.0.0.1:${String(server.port)}`, {}, rules);
  const outcome = await refresh(provider, { unansweredBefore: options.unansweredBefore ?? false });
  expect(server.requests).toHaveLength(1);
  return outcome;
}

const transient = (code: string, more: object = {}) => ({
  kind: 'transient',
  code,
  unanswered: false,
  ...more,
});

describe('an OAuth answer', () => {
  const error = (code: string) => JSON.stringify({ error: code, error_description: 'the-details' });

  it.each([
    'invalid_grant',
    'invalid_scope',
    'interaction_required',
    'consent_required',
    'login_required',
  ])('S29 400 %s means that the grant is dead', async (code) => {
    expect(await refreshAgainst([400, error(code)])).toEqual({ kind: 'dead', code });
  });

  it.each([
    [401, 'invalid_client'],
    [400, 'unauthorized_client'],
    [400, 'invalid_request'],
    [400, 'unsupported_grant_type'],
  ])("S29 %d %s is the application's fault", async (status, code) => {
    const challenge = { ...json, 'www-authenticate': 'Basic realm="the-realm"' };
    const headers = status === 401 ? challenge : json;
    expect(await refreshAgainst([status, error(code), headers])).toEqual({
      kind: 'app_fault',
      code,
    });
  });

  it.each<[string, Answer, object]>([
    ['GitHub', [200, error('bad_refresh_token')], { kind: 'dead', code: 'invalid_grant' }],
    [
      'Slack',
      [200, '{"ok":false,"error":"invalid_refresh_token"}'],
      { kind: 'dead', code: 'invalid_grant' },
    ],
    [
      "GitHub's wrong secret",
      [200, error('incorrect_client_credentials')],
      { kind: 'app_fault', code: 'incorrect_client_credentials' },
    ],
    [
      "Slack's wrong secret",
      [200, '{"ok":false,"error":"bad_client_secret"}'],
      { kind: 'app_fault', code: 'bad_client_secret' },
    ],
    ["Slack's rate limit", [200, '{"ok":false,"error":"ratelimited"}'], transient('ratelimited')],
    [
      'Slack with tokens that it takes back',
      [200, '{"ok":false,"error":"invalid_refresh_token","access_token":"the-token"}'],
      { kind: 'dead', code: 'invalid_grant' },
    ],
  ])('S37 200 with an error is the error that it is: %s', async (_who, answer, outcome) => {
    expect(await refreshAgainst(answer)).toEqual(outcome);
  });

  it('S36 invalid_grant after an unanswered attempt means that the rotation was lost', async () => {
    const lost = { kind: 'dead', code: 'rotation_lost' };
    const after = { unansweredBefore: true };
    expect(await refreshAgainst([400, error('invalid_grant')], after)).toEqual(lost);
    expect(await refreshAgainst([200, error('bad_refresh_token')], after)).toEqual(lost);
    expect(await refreshAgainst([400, error('login_required')], after)).toEqual({
      kind: 'dead',
      code: 'login_required',
    });
  });

  it("a provider's own rule goes first", async () => {
    const refused: Answer = [403, error('unauthorized_client')];
    const rules: Provider['refreshErrors'] = [
      { status: 403, error: 'unauthorized_client', means: 'dead' },
      { error: 'try_later', means: 'transient' },
      { status: 418, means: 'app' },
    ];
    expect(await refreshAgainst(refused)).toEqual({
      kind: 'app_fault',
      code: 'unauthorized_client',
    });
    expect(await refreshAgainst(refused, { rules })).toEqual({
      kind: 'dead',
      code: 'unauthorized_client',
    });
    expect(await refreshAgainst([400, error('try_later')], { rules })).toEqual(
      transient('try_later'),
    );
    expect(await refreshAgainst([418, ''], { rules })).toEqual({
      kind: 'app_fault',
      code: 'http_418',
    });
  });

  it('a code that nobody knows ends no grant', async () => {
    expect(await refreshAgainst([400, error('strange_weather')])).toEqual(
      transient('strange_weather'),
    );
  });
});

describe('S30 an answer that says nothing about the grant is transient', () => {
  const html = { 'content-type': 'text/html' };
  it.each<[string, Answer, object]>([
    ['429', [429, '{"error":"rate_limited"}'], transient('rate_limited')],
    ['429 that claims more', [429, '{"error":"invalid_grant"}'], transient('invalid_grant')],
    [
      '503 JSON',
      [503, '{"error":"temporarily_unavailable"}'],
      transient('temporarily_unavailable'),
    ],
    ['503 that claims more', [503, '{"error":"invalid_grant"}'], transient('invalid_grant')],
    [
      '400 that passes',
      [400, '{"error":"temporarily_unavailable"}'],
      transient('temporarily_unavailable'),
    ],
    ['502 HTML', [502, '<h1>Bad gateway</h1>', html], transient('http_502')],
    ['500 with nothing', [500, ''], transient('http_500')],
    ['504', [504, '<h1>Timeout</h1>', html], transient('http_504', { unanswered: true })],
    ['403 quota', [403, '{"error":{"code":403,"message":"quota"}}'], transient('http_403')],
    ['401 HTML', [401, '<h1>No</h1>', html], transient('http_401')],
    ['400 with half an error', [400, '{"error":"invalid_gr'], transient('http_400')],
    [
      '400 with a sentence for a code',
      [400, '{"error":"the-refresh token is bad"}'],
      transient('http_400'),
    ],
    ['404', [404, 'gone'], transient('http_404')],
    ['200 HTML', [200, '<h1>Hello</h1>', html], transient('http_200', { unanswered: true })],
    ['200 with nothing', [200, ''], transient('http_200', { unanswered: true })],
    ['200 cut off', [200, '{"access_token":"the-'], transient('http_200', { unanswered: true })],
    ['200 without tokens', [200, '{"ok":true}'], transient('http_200', { unanswered: true })],
    ['200 with a list', [200, '["access_token"]'], transient('http_200', { unanswered: true })],
    ['204', [204, ''], transient('http_204', { unanswered: true })],
  ])('%s', async (_what, answer, outcome) => {
    expect(await refreshAgainst(answer)).toEqual(outcome);
  });

  it('Retry-After is honoured as seconds and as a date', async () => {
    const after = (value: string) => ({ ...json, 'retry-after': value });
    expect(await refreshAgainst([429, '{}', after('120')])).toEqual(
      transient('http_429', { retryAfterMs: 120_000 }),
    );
    const date = new Date(Date.now() + 90_000).toUTCString();
    const outcome = await refreshAgainst([503, '', after(date)]);
    expect(outcome).toMatchObject({ kind: 'transient', code: 'http_503' });
    const { retryAfterMs = 0 } = outcome as { retryAfterMs?: number };
    expect(retryAfterMs).toBeGreaterThan(80_000);
    expect(retryAfterMs).toBeLessThanOrEqual(90_000);
  });

  it('a redirect is not followed, so that the token goes nowhere else', async () => {
    const elsewhere = await serve((response) => response.end('{}'));
    const location = `http://127.0.0.1:${String(elsewhere.port)}/token`;
    for (const status of [302, 307, 308]) {
      expect(await refreshAgainst([status, '', { location }])).toEqual(
        transient(`http_${String(status)}`),
      );
    }
    expect(elsewhere.connections).toBe(0);
  });
});

describe('S30 with no answer at all', () => {
  const at = (port: number, scheme = 'http') => acme(`${scheme}://127.0.0.1:${String(port)}`);
  const unanswered = (code: string) => transient(code, { unanswered: true });

  it('a refused connection has sent nothing', async () => {
    expect(await refresh(at(await closedPort()))).toEqual(transient('connection_refused'));
  });

  it('a name that does not resolve has sent nothing', async () => {
    expect(await refresh(acme('https://token.invalid'))).toEqual(transient('dns'));
  });

  it('a server without TLS has been sent nothing', async () => {
    const plain = await serve((response) => response.end('{}'));
    expect(await refresh(at(plain.port, 'https'))).toEqual(transient('tls'));
    expect(plain.requests).toHaveLength(0);
  });

  it('a failed TLS handshake has sent nothing', async () => {
    const server = await listen(tls.createServer({}));
    expect(await refresh(at(server.port, 'https'))).toEqual(transient('tls'));
    expect(server.connections).toBe(1);
  });

  it('a TLS handshake that hangs has sent nothing', async () => {
    const server = await listen(net.createServer());
    const outcome = await refresh(at(server.port, 'https'), { timeoutMs: 200 });
    expect(outcome).toEqual(transient('timeout'));
    expect(server.connections).toBe(1);
  });

  it('a hang-up after the request leaves it unanswered', async () => {
    const server = await listen(net.createServer((s) => s.once('data', () => s.end())));
    expect(await refresh(at(server.port))).toEqual(unanswered('connection_lost'));
    expect(server.connections).toBe(1);
  });

  it('a reset after the request leaves it unanswered', async () => {
    const server = await listen(net.createServer((s) => s.once('data', () => s.resetAndDestroy())));
    expect(await refresh(at(server.port))).toEqual(unanswered('connection_lost'));
    expect(server.connections).toBe(1);
  });

  it('an answer that is cut off leaves it unanswered', async () => {
    const server = await serve((response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{"access_token":"the-token"', () => response.destroy());
    });
    expect(await refresh(at(server.port))).toEqual(unanswered('connection_lost'));
  });

  it('an answer that is not HTTP leaves it unanswered', async () => {
    const server = await listen(
      net.createServer((s) => s.once('data', () => s.end('SSH-2.0-Elsewhere\r\n'))),
    );
    expect(await refresh(at(server.port))).toEqual(unanswered('unreadable_answer'));
  });

  it('an answer that never ends is given up, and leaves it unanswered', async () => {
    const server = await serve((response) => {
      const more = () => {
        if (!response.destroyed) response.write('x'.repeat(64 * 1024), () => setImmediate(more));
      };
      more();
    });
    expect(await refresh(at(server.port))).toEqual(unanswered('answer_too_large'));
  });

  it('a hang after the request is a timeout, and leaves it unanswered', async () => {
    const server = await serve(() => undefined);
    expect(await refresh(at(server.port), { timeoutMs: 300 })).toEqual(unanswered('timeout'));
    expect(server.requests).toHaveLength(1);
  });

  it('an abort after the request leaves it unanswered, one before has sent nothing', async () => {
    const abort = new AbortController();
    const server = await serve(() => abort.abort());
    const { signal } = abort;
    expect(await refresh(at(server.port), { signal })).toEqual(unanswered('aborted'));
    expect(await refresh(at(server.port), { signal })).toEqual(transient('aborted'));
    expect(server.connections).toBe(1);
  });
});

describe('a look at the clock just before sending', () => {
  it('calls the attempt off with the connection open and not a byte sent', async () => {
    let bytes = 0;
    const server = net.createServer();
    const ended = new Promise((resolve) => {
      server.on('connection', (socket) => {
        socket.on('data', (chunk: Buffer) => (bytes += chunk.length)).on('close', resolve);
      });
    });
    const { port } = await listen(server);
    const beforeSend = () => {
      throw new Error('too late');
    };
    const provider = acme(`http://127.0.0.1:${String(port)}`);
    expect(await refresh(provider, { beforeSend })).toEqual(transient('called_off'));
    await ended;
    expect(bytes).toBe(0);
  });

  it('comes once, and not at all where nothing could be sent', async () => {
    let looks = 0;
    const beforeSend = () => void (looks += 1);
    expect(
      await refresh(acme(`http://127.0.0.1:${String(await closedPort())}`), { beforeSend }),
    ).toEqual(transient('connection_refused'));
    expect(looks).toBe(0);
    const server = await serve((response) => response.end('{"access_token":"a"}'));
    await refresh(acme(`http://127.0.0.1:${String(server.port)}`), { beforeSend });
    expect(looks).toBe(1);
  });
});

it('parameters that do not match their declaration are a fault of ours, and nothing is sent', async () => {
  const server = await serve((response) => response.end('{}'));
  const provider = acme(`http://127.0.0.1:${String(server.port)}`, {
    tokenUrl: `http://127.0.0.1:${String(server.port)}/{shop}/token`,
    parameters: { shop: /^[a-z]+$/ },
  });
  const request = { refreshToken, unansweredBefore: false };
  const options = { signal: AbortSignal.timeout(5_000) };
  const fault = { kind: 'app_fault', code: 'invalid_parameters' };
  expect(await refreshTokens(provider, request, options)).toEqual(fault);
  const evil = { ...request, parameters: { shop: '../evil' } };
  expect(await refreshTokens(provider, evil, options)).toEqual(fault);
  expect(server.connections).toBe(0);
  await refreshTokens(provider, { ...request, parameters: { shop: 'mine' } }, options);
  expect(server.requests.map(({ url }) => url)).toEqual(['/mine/token']);
});

it('a hundred refreshes leave no connection behind', async () => {
  let live = 0;
  const server = http.createServer((_request, response) => response.end('{"access_token":"a"}'));
  const allClosed = new Promise<void>((resolve) => {
    let closed = 0;
    server.on('connection', (socket) => {
      live += 1;
      socket.on('close', () => {
        live -= 1;
        closed += 1;
        if (closed === 100) resolve();
      });
    });
  });
  const provider = acme(`http://127.0.0.1:${String((await listen(server)).port)}`);
  const request = { refreshToken, unansweredBefore: false };
  await Promise.all(
    Array.from({ length: 100 }, () =>
      refreshTokens(provider, request, { signal: AbortSignal.timeout(10_000) }),
    ),
  );
  await allClosed;
  expect(live).toBe(0);
});
