import { deathCodes } from '../../../workflows/contract/status';
import { causeSentence, changeSentence } from '../../../src/web/words/causes';
import type { Cause } from '../../../src/web/pages/connection-view';

const names = { provider: 'Acme', appName: 'Example' };
const cause = (code: Cause['code'], change: Partial<Cause> = {}): Cause => ({
  code,
  by: 'system',
  credential: undefined,
  said: undefined,
  ...change,
});
const at = new Date();

test.each(deathCodes)('a person reads a sentence, not the code: %s', (code) => {
  const sentence = causeSentence(cause(code), names);
  expect(sentence).toMatch(/^[A-Z].*\.$/);
  expect(sentence).not.toContain('_');
  expect(sentence).toContain('Acme');
  expect(sentence).not.toMatch(/\b(it|its)\b/i);
  expect(causeSentence(cause(code, { credential: 'calendar' }), names)).toBe(
    `“calendar”: ${sentence}`,
  );
});

test('who switched is named as people know them, and what they said stays apart', () => {
  const off = (by: string, said?: string) =>
    causeSentence(cause('switched_off', { by, said }), names);
  expect(off('user')).toBe('Switched off by you.');
  expect(off('application', 'moving')).toBe('Switched off by Example. “\u2068moving\u2069”');
  expect(off('ops-4711')).toBe('Switched off by an operator.');
});

test('the history says what began, stopped and went on', () => {
  const change = (to: 'ENABLED' | 'ERROR', code: Cause['code'], from: 'ENABLED' | null) =>
    changeSentence({ from, to, at, cause: cause(code) }, names);
  expect(change('ENABLED', 'created', null)).toBe('Added.');
  expect(change('ERROR', 'not_connected', null)).toBe('Added, not connected yet.');
  expect(change('ERROR', 'revoked', 'ENABLED')).toBe('Stopped. Access was withdrawn at Acme.');
  expect(change('ENABLED', 'reauthorized', 'ENABLED')).toBe('Connected.');
});
