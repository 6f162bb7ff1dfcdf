import { createSenderOf } from '../../../src/gateway/http/sender';

const senderOf = createSenderOf(['10.0.0.0/8', 'fd00::/8', '203.0.113.7/32']);
const addressOf = (peer: string, forwardedFor?: string) => senderOf(peer, forwardedFor).address;

test.each([
  ['10.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['10.0.0.1', '192.0.2.66, 198.51.100.1', '198.51.100.1'],
  ['10.0.0.1', '192.0.2.66, 198.51.100.1, 203.0.113.7,10.2.3.4', '198.51.100.1'],
  ['::ffff:10.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
  ['::ffff:a00:1', '::ffff:c633:6401', '198.51.100.1'],
  ['fd00::1', '198.51.100.1:4711', '198.51.100.1'],
  ['10.0.0.1', '[2001:DB8::1]:443', '2001:db8::1'],
  ['10.0.0.1', '[2001:db8::1]', '2001:db8::1'],
  ['10.0.0.1', '2001:db8::1', '2001:db8::1'],
])('behind the proxy %s, "%s" is %s', (peer, forwardedFor, address) => {
  expect(addressOf(peer, forwardedFor)).toBe(address);
});

test('who isn’t trusted is believed nothing', () => {
  expect(addressOf('198.51.100.9', '192.0.2.1')).toBe('198.51.100.9');
  expect(createSenderOf([])('127.0.0.1', '192.0.2.1').address).toBe('127.0.0.1');
});

test.each([
  'unknown',
  '',
  ' ',
  '198.51.100.1, _hidden',
  '1.2.3',
  '198.51.100.1:',
  '[::1',
  '1.2.3.4.5:6',
])('where an entry is no address ("%s") the proxy that wrote it is the sender', (forwardedFor) =>
  expect(senderOf('10.0.0.1', forwardedFor)).toMatchObject({ address: '10.0.0.1', isShared: true }),
);

test('a /64 of IPv6 is one sender, an IPv4 address is one however it is written', () => {
  const key = (text: string) => senderOf(text).key;
  expect(key('2001:db8:1:2::1')).toBe(key('2001:db8:1:2:ffff::9'));
  expect(key('2001:db8:1:3::1')).not.toBe(key('2001:db8:1:2::1'));
  expect(key('::ffff:198.51.100.1')).toBe(key('198.51.100.1'));
  expect(key('fe80::1%eth0')).toBe(key('fe80::1'));
});

test.each([
  ...[
    '127.0.0.1',
    '::1',
    '10.9.9.9',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.0.1',
    'fe80::1',
  ],
  ...['fc00::1', '::ffff:192.168.0.1', '203.0.113.7'],
])('many may come from %s, private or trusted', (address) => {
  expect(senderOf(address).isShared).toBe(true);
});

test('a private address behind a trusted proxy may be a balancer that nobody named; a public one is one sender', () => {
  expect(senderOf('10.0.0.1', '192.168.7.7')).toMatchObject({
    address: '192.168.7.7',
    isShared: true,
  });
  expect(senderOf('10.0.0.1', '198.51.100.1').isShared).toBe(false);
  expect(senderOf('172.32.0.1').isShared).toBe(false);
});

test('a header of any length costs little', () => {
  const started = performance.now();
  for (let n = 0; n < 100; n++) senderOf('10.0.0.1', ','.repeat(16_000));
  for (let n = 0; n < 30_000; n++) senderOf('10.0.0.1', `198.51.${n % 256}.${n >> 8}`);
  expect(performance.now() - started).toBeLessThan(2_000);
});
