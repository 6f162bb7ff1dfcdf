import { classifyAnswer, isUnanswered } from '../../src/handlers/attempt-result';

const now = new Date('2026-11-21T09:00:00.000Z');
const kindOf = (status: number) =>
  classifyAnswer({ status, retryAfter: undefined, answer: '' }, now).kind;

test.each([
  [[200, 201, 202, 204, 299], 'handled'],
  [[408, 429, 500, 501, 502, 503, 504, 599], 'retry'],
  [[424], 'token_rejected'],
  [[300, 301, 302, 304, 307, 400, 401, 403, 404, 409, 410, 422, 425, 451, 499], 'failed'],
])('S24 %j means %s', (statuses, kind) => {
  expect(statuses.map(kindOf)).toEqual(statuses.map(() => kind));
});

test.each([
  ['120', 120_000],
  ['Sat, 21 Nov 2026 09:01:30 GMT', 90_000],
  ['soon', null],
  [undefined, null],
])('S24 Retry-After %j is %j ms', (retryAfter, retryAfterMs) => {
  for (const status of [429, 503]) {
    expect(classifyAnswer({ status, retryAfter, answer: 'later' }, now)).toEqual({
      kind: 'retry',
      error: `The destination answered ${status}`,
      retryAfterMs,
      status,
      answer: 'later',
    });
  }
});

test.each([
  ['The destination answered 503', true],
  ['The destination did not answer within 30000 ms', true],
  ['The destination could not be reached: ECONNREFUSED', true],
  ['The destination answered 429', false],
  ['The destination answered 408', false],
  ['Error: The destination answered 503 to me', false],
  ['', false],
])('%s: nobody answers there: %s', (error, expected) => {
  expect(isUnanswered(error)).toBe(expected);
});
