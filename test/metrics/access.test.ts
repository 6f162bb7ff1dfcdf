import { mayReadMetrics } from '../../src/metrics/access';

const token = 'a-token-for-metrics-of-32-characters';
const bearer = { authorization: `Bearer ${token}` };

test.each([
  ['127.0.0.1', {}, true],
  ['127.8.9.10', {}, true],
  ['::1', {}, true],
  ['::ffff:127.0.0.1', {}, true],
  ['10.0.0.1', {}, false],
  ['::ffff:10.0.0.1', {}, false],
  ['2001:db8::1', {}, false],
  [undefined, {}, false],
  ['127.0.0.1', { 'x-forwarded-for': '203.0.113.1' }, false],
  ['127.0.0.1', { 'x-forwarded-proto': 'https' }, false],
  ['127.0.0.1', { forwarded: 'for=203.0.113.1' }, false],
  ['127.0.0.1', { 'x-real-ip': '203.0.113.1' }, false],
  ['127.0.0.1', { via: '1.1 proxy' }, false],
  ['10.0.0.1', bearer, true],
  ['127.0.0.1', { ...bearer, 'x-forwarded-for': '203.0.113.1' }, true],
  ['10.0.0.1', { authorization: `bearer ${token}` }, true],
  ['10.0.0.1', { authorization: `Bearer ${token}x` }, false],
  ['10.0.0.1', { authorization: `Basic ${token}` }, false],
])('from %s with %j: %s', (peer, headers, allowed) => {
  expect(mayReadMetrics({ peer, headers }, token)).toBe(allowed);
});

test('without a token no bearer is believed', () => {
  expect(mayReadMetrics({ peer: '10.0.0.1', headers: bearer }, undefined)).toBe(false);
  expect(mayReadMetrics({ peer: '10.0.0.1', headers: { authorization: 'Bearer ' } }, '')).toBe(
    false,
  );
});
