import type { Provider } from '../../../src/providers/provider';
import { closeServers, serve } from '../loopback';
import { json, refreshAgainst, transient, type Answer } from './refresh-once';

afterEach(closeServers);

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
