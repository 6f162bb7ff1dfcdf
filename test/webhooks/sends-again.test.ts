import { sendsAgain } from '../../src/webhooks/verify';

test('all senders but GitHub try again what was refused, unless the declaration knows better', () => {
  expect(sendsAgain({ scheme: 'standard-webhooks' })).toBe(true);
  expect(sendsAgain({ scheme: 'none' })).toBe(true);
  expect(sendsAgain({ scheme: 'github' })).toBe(false);
  expect(sendsAgain({ scheme: 'none', retries: false })).toBe(false);
  expect(sendsAgain({ scheme: 'github', retries: true })).toBe(true);
});
