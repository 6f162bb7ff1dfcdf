import { decideRejection, isRejection } from '../../../activities/credential/decide-rejection';
import type { RejectionFacts } from '../../../src/db/queries/credentials/rejection-facts';
import { classifyRefresh } from '../../../src/oauth/refresh';
import type { RefreshErrorRule } from '../../../src/providers/provider';

const hour = 60 * 60_000;

interface Case {
  status?: number;
  error?: string;
  rules?: RefreshErrorRule[];
}

const said = ({ status = 400, error, rules = [] }: Case) =>
  classifyRefresh(
    { kind: 'answered', status, ...(error === undefined ? {} : { error }) },
    rules,
    false,
  );

function decide({ status = 400, error, rules = [] }: Case, facts: Partial<RejectionFacts>) {
  const outcome = said({ status, rules, ...(error === undefined ? {} : { error }) });
  const before = { rejectedForMs: null, lastCode: error ?? null, endedForMs: null };
  const all = { ...before, witnessedMs: null, ...facts };
  const decided = decideRejection(outcome, { status, rules }, all);
  return decided.kind === 'dead' ? decided.code : decided.kind;
}

describe('S29 a fault that may be the application’s', () => {
  const witnessed = { rejectedForMs: 60_000, witnessedMs: 30_000 };
  const invalidRequest = { error: 'invalid_request' };

  it.each<[string, Case, Partial<RejectionFacts>, string]>([
    ['on one word', invalidRequest, {}, 'app_fault'],
    [
      'as the first word, where others were accepted',
      invalidRequest,
      { witnessedMs: 1 },
      'app_fault',
    ],
    ['where nobody else was accepted', invalidRequest, { rejectedForMs: 999 * hour }, 'app_fault'],
    [
      'where others were accepted before',
      invalidRequest,
      { rejectedForMs: 10, witnessedMs: 20 },
      'app_fault',
    ],
    [
      'said first after other words',
      invalidRequest,
      { ...witnessed, lastCode: 'http_403' },
      'app_fault',
    ],
    ['where another was accepted since', invalidRequest, witnessed, 'refresh_rejected'],
    ['in a 200', { status: 200, error: 'invalid_request' }, witnessed, 'refresh_rejected'],
    [
      'by its own code',
      { status: 403, error: 'unauthorized_client' },
      witnessed,
      'unauthorized_client',
    ],
    ['of the grant type', { error: 'unsupported_grant_type' }, witnessed, 'refresh_rejected'],
    ['of the client', { status: 401, error: 'invalid_client' }, witnessed, 'app_fault'],
    [
      'of the client, by GitHub',
      { status: 200, error: 'incorrect_client_credentials' },
      witnessed,
      'app_fault',
    ],
    [
      'of the client, by Slack',
      { status: 200, error: 'bad_client_secret' },
      witnessed,
      'app_fault',
    ],
    [
      'that passes with its status',
      { status: 503, error: 'invalid_request' },
      witnessed,
      'transient',
    ],
    [
      'that a declaration calls one',
      { ...invalidRequest, rules: [{ error: 'invalid_request', means: 'app' }] },
      witnessed,
      'app_fault',
    ],
  ])('%s', (_when, answer, facts, decided) => {
    expect(decide(answer, facts)).toBe(decided);
  });
});

describe('S30 words that nobody knows', () => {
  const unknown = { error: 'strange_weather' };
  const day = 24 * hour;
  const over = { rejectedForMs: day, endedForMs: day, witnessedMs: hour };

  it.each<[string, Case, Partial<RejectionFacts>, string]>([
    ['for a day after the end, while others are accepted', unknown, over, 'refresh_rejected'],
    ['without a word', { status: 401 }, over, 'refresh_rejected'],
    [
      'for a day, where no end is known',
      unknown,
      { ...over, endedForMs: null },
      'refresh_rejected',
    ],
    ['while nobody is accepted', { status: 403 }, { ...over, witnessedMs: null }, 'transient'],
    [
      'since the last of the others was accepted',
      unknown,
      { ...over, witnessedMs: day + 1 },
      'transient',
    ],
    ['for less than a day', unknown, { ...over, rejectedForMs: day - 1 }, 'transient'],
    ['less than a day after the end', unknown, { ...over, endedForMs: day - 1 }, 'transient'],
    [
      'before the end',
      unknown,
      { rejectedForMs: 9 * day, endedForMs: -1, witnessedMs: 1 },
      'transient',
    ],
    [
      'for the first time, long after the end',
      unknown,
      { ...over, rejectedForMs: null },
      'transient',
    ],
    ['in a 200', { ...unknown, status: 200 }, over, 'transient'],
    ['in a 429', { ...unknown, status: 429 }, over, 'transient'],
    ['in a 408', { ...unknown, status: 408 }, over, 'transient'],
    ['in a 425', { ...unknown, status: 425 }, over, 'transient'],
    ['in a 500', { ...unknown, status: 500 }, over, 'transient'],
    [
      'but to its declaration',
      { ...unknown, rules: [{ error: 'strange_weather', means: 'transient' }] },
      over,
      'transient',
    ],
    [
      'of the client, whatever the declaration says',
      { error: 'invalid_client', rules: [{ error: 'invalid_client', means: 'transient' }] },
      over,
      'transient',
    ],
  ])('%s', (_when, answer, facts, decided) => {
    expect(decide(answer, facts)).toBe(decided);
  });
});

it.each<[string, Case, boolean]>([
  ['unknown words', { error: 'strange_weather' }, true],
  ['a bare 403', { status: 403 }, true],
  ['an error in a 200', { status: 200, error: 'ratelimited' }, true],
  ['a contested fault', { error: 'invalid_request' }, true],
  ['a fault of the client', { status: 401, error: 'invalid_client' }, false],
  ['a 200 that can’t be read', { status: 200 }, false],
  ['a 429', { status: 429, error: 'slow_down' }, false],
  ['a 302', { status: 302 }, false],
  ['a 503', { status: 503, error: 'temporarily_unavailable' }, false],
])('whether a refresh token was rejected by %s', (_what, answer, is) => {
  expect(isRejection(said(answer), answer.status ?? 400)).toBe(is);
});

it('nothing is rejected where no answer came', () => {
  const outcome = classifyRefresh({ kind: 'failed', code: 'timeout', sent: true }, [], false);
  expect(isRejection(outcome, undefined)).toBe(false);
});
