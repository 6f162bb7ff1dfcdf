import { createHmac } from 'node:crypto';
import { createShowUser } from '../../src/temporal/shown-user';

const temporalHashKey = 'a-key-for-hashes-with-more-than-32-characters';
const shown = (temporalUserAttribute: 'on' | 'off' | 'hash') =>
  createShowUser({ temporalUserAttribute, temporalHashKey })('ada@example.com');

test('a user is shown to Temporal as it is, not at all, or by the beginning of a hash with the key', () => {
  expect(shown('on')).toBe('ada@example.com');
  expect(shown('off')).toBe('');
  const whole = createHmac('sha256', temporalHashKey).update('ada@example.com').digest('hex');
  expect(shown('hash')).toBe(whole.slice(0, 32));
});
