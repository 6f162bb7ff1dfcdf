import { retryAfterMs } from '../../../src/lib/http/retry-after';

const now = new Date('2026-11-08T08:49:37Z');
const dayMs = 24 * 60 * 60 * 1000;

it.each<[string | undefined, number | undefined]>([
  ['0', 0],
  ['120', 120_000],
  [' 5 ', 5_000],
  ['99999999999999999999', dayMs],
  ['Sun, 08 Nov 2026 08:50:37 GMT', 60_000],
  ['Sunday, 08-Nov-26 08:50:37 GMT', 60_000],
  ['Sun Nov  8 08:50:37 2026 GMT', 60_000],
  ['Sun, 08 Nov 2026 08:00:00 GMT', 0],
  ['Sun, 08 Nov 2099 08:00:00 GMT', dayMs],
  ['-5', undefined],
  ['1.5', undefined],
  ['1e3', undefined],
  ['soon', undefined],
  ['May', undefined],
  ['', undefined],
  [undefined, undefined],
])('reads Retry-After %p as %p ms', (header, ms) => {
  expect(retryAfterMs(header, now)).toBe(ms);
});
