import { senderHabit } from '../../src/webhooks/sender-habits';

test('what a refusal for load costs follows from the scheme, unless the declaration knows better', () => {
  expect(senderHabit({ scheme: 'standard-webhooks' })).toBe('retries');
  expect(senderHabit({ scheme: 'none' })).toBe('retries');
  expect(senderHabit({ scheme: 'github' })).toBe('loses_event');
  expect(senderHabit({ scheme: 'shopify' })).toBe('loses_subscription');
  expect(senderHabit({ scheme: 'slack' })).toBe('loses_subscription');
  expect(senderHabit({ scheme: 'none', retries: false })).toBe('loses_event');
  expect(senderHabit({ scheme: 'shopify', retries: false })).toBe('loses_subscription');
  expect(senderHabit({ scheme: 'github', retries: true })).toBe('retries');
});
