import { timeWords } from '../../../src/web/client/page-time-words';

const now = new Date('2026-11-21T18:00:00Z');

test.each([
  ['just now', '2026-11-21T17:59:10Z'],
  ['just now', '2026-11-21T18:00:20Z'],
  ['3 minutes ago', '2026-11-21T17:56:10Z'],
  ['1 hour ago', '2026-11-21T16:10:00Z'],
  ['yesterday', '2026-11-20T12:00:00Z'],
  ['6 days ago', '2026-11-15T12:00:00Z'],
])('a time is told as people do: %s', (words, at) => {
  expect(timeWords(new Date(at), now)).toBe(words);
});

test('what is yet to come is told by its date', () => {
  expect(timeWords(new Date('2026-11-23T12:00:00Z'), now)).toMatch(/^23 Nov 2026/);
});

test('what is long ago is told by its date', () => {
  expect(timeWords(new Date('2026-08-02T12:00:00Z'), now)).toMatch(/^2 Aug 2026/);
});
