import type { Provider } from '../../../src/providers/provider';
import { acme, closeServers, serve } from '../loopback';
import { json, refresh, refreshAgainst, transient, type Answer } from './refresh-once';

afterEach(closeServers);

const error = (code: string) => JSON.stringify({ error: code });
const html = { 'content-type': 'text/html' };

describe("a provider's own rules", () => {
  const rules: Provider['refreshErrors'] = [
    { status: 403, error: 'unauthorized_client', means: 'dead' },
    { status: 403, means: 'app' },
    { error: 'invalid_grant', means: 'transient' },
    { error: 'account_locked', means: 'dead' },
    { status: 503, means: 'app' },
    { status: 410, means: 'dead' },
  ];

  it.each<[string, Answer, object]>([
    [
      'both match',
      [403, error('unauthorized_client')],
      { kind: 'dead', code: 'unauthorized_client' },
    ],
    ['only the status', [403, error('quota')], { kind: 'app_fault', code: 'quota' }],
    ['no readable error', [403, '<h1>No</h1>', html], { kind: 'app_fault', code: 'http_403' }],
    ['over a death of the table', [400, error('invalid_grant')], transient('invalid_grant')],
    [
      'whatever the status',
      [200, error('account_locked')],
      { kind: 'dead', code: 'invalid_grant' },
    ],
    ['over a passing failure', [503, ''], { kind: 'app_fault', code: 'http_503' }],
    ['a death without a word', [410, ''], { kind: 'dead', code: 'invalid_grant' }],
    [
      'another status',
      [401, error('unauthorized_client')],
      { kind: 'app_fault', code: 'unauthorized_client' },
    ],
    ['none matches', [504, ''], transient('http_504', { unanswered: true })],
  ])('%s', async (_what, answer, outcome) => {
    expect(await refreshAgainst(answer, { rules })).toEqual(outcome);
  });

  it('keep the wait that was asked for', async () => {
    const answer: Answer = [400, error('invalid_grant'), { ...json, 'retry-after': '7' }];
    expect(await refreshAgainst(answer, { rules })).toEqual(
      transient('invalid_grant', { retryAfterMs: 7_000 }),
    );
  });

  it('S36 a death after an unanswered attempt is a lost rotation unless it says otherwise', async () => {
    const after = { rules, unansweredBefore: true };
    const lost = { kind: 'dead', code: 'rotation_lost' };
    expect(await refreshAgainst([200, error('account_locked')], after)).toEqual(lost);
    expect(await refreshAgainst([403, error('unauthorized_client')], after)).toEqual({
      kind: 'dead',
      code: 'unauthorized_client',
    });
  });
});

it.each<[string, string, object]>([
  ['elsewhere', '{"reason":"invalid_grant"}', { kind: 'dead', code: 'invalid_grant' }],
  [
    'in both places',
    '{"error":"invalid_client","reason":"x"}',
    { kind: 'app_fault', code: 'invalid_client' },
  ],
  ['nowhere', '{"message":"the-details"}', transient('http_400')],
])('finds an error %s', async (_where, body, outcome) => {
  const server = await serve((response) => response.writeHead(400, json).end(body));
  const provider = acme(`http://127.0.0.1:${String(server.port)}`, { errorPointer: '/reason' });
  expect(await refresh(provider)).toEqual(outcome);
});

describe('S30 a wait that the provider asks for', () => {
  const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toUTCString();

  it.each<[number, string, string, boolean]>([
    [429, '{}', 'http_429', false],
    [429, error('slow_down'), 'slow_down', false],
    [500, '', 'http_500', false],
    [503, error('temporarily_unavailable'), 'temporarily_unavailable', false],
    [403, error('quota_exceeded'), 'quota_exceeded', false],
    [200, '{"ok":false,"error":"ratelimited"}', 'ratelimited', false],
    [504, '', 'http_504', true],
  ])('%d %s is heard as seconds and as a date', async (status, body, code, unanswered) => {
    const asked = (value: string) =>
      refreshAgainst([status, body, { ...json, 'retry-after': value }]);
    expect(await asked('95')).toEqual(transient(code, { retryAfterMs: 95_000, unanswered }));
    const dated = await asked(inSeconds(95));
    expect(dated).toMatchObject(transient(code, { unanswered }));
    const { retryAfterMs } = dated as { retryAfterMs?: number };
    expect(retryAfterMs).toBeGreaterThan(80_000);
    expect(retryAfterMs).toBeLessThanOrEqual(95_000);
    expect(await asked('a while')).toEqual(transient(code, { unanswered }));
  });

  it.each<[string, Answer]>([
    ['a death', [400, error('invalid_grant'), { ...json, 'retry-after': '9' }]],
    ["the application's fault", [401, error('invalid_client'), { ...json, 'retry-after': '9' }]],
  ])('means nothing beside %s', async (_what, answer) => {
    expect(await refreshAgainst(answer)).not.toHaveProperty('retryAfterMs');
  });
});

it.each<[string, Answer, string]>([
  ['text', [403, error('rateLimitExceeded')], 'rateLimitExceeded'],
  ['an object', [403, '{"error":{"errors":[{"reason":"quotaExceeded"}]}}'], 'http_403'],
  ['a page', [403, '<h1>Too many</h1>', html], 'http_403'],
])('S30 403 for a quota passes, said as %s', async (_how, answer, code) => {
  expect(await refreshAgainst(answer)).toEqual(transient(code));
});
